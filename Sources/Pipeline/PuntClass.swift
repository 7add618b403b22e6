/// Why a packet goes to the control process; each class has its own rate limit.
///
/// The raw values are those of `enum stile_punt_class`.
public enum PuntClass: UInt8, CaseIterable, Sendable, Hashable {
    case arp = 0
    case neighborDiscovery = 1
    case bgp = 2
    case icmp = 3
    case receive = 4
    case glean = 5
    case bfd = 6
    case hostDevice = 7

    /// The raw value, as the forwarding path takes it; see `DropReason.number`.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }

    /// The class that a record of the tables names; `nil` above 7.
    @_noLocks
    static func named(by number: UInt8) -> PuntClass? {
        switch number {
        case 0: .arp
        case 1: .neighborDiscovery
        case 2: .bgp
        case 3: .icmp
        case 4: .receive
        case 5: .glean
        case 6: .bfd
        case 7: .hostDevice
        default: nil
        }
    }

    /// Whether the record holds the frame with its Ethernet header. Otherwise it begins with the IP header.
    public var isFrame: Bool {
        @_noLocks get {
            switch self {
            case .arp, .neighborDiscovery, .bgp, .icmp, .bfd, .hostDevice: true
            case .receive, .glean: false
            }
        }
    }

    /// Whether a packet of this class needs nothing that only a configured neighbor has. BGP and BFD are punted from the
    /// addresses of configured neighbors alone, and routing protocols only on links of the operator's own network: a flood
    /// elsewhere must not cost it its adjacencies.
    var canAnybodyProvoke: Bool {
        @_noLocks @inline(__always) get {
            switch self {
            case .arp, .neighborDiscovery, .icmp, .receive, .glean: true
            case .bgp, .bfd, .hostDevice: false
            }
        }
    }

    /// The name in CLI, JSON, metrics and traces.
    public var identifier: String {
        switch self {
        case .arp: "arp"
        case .neighborDiscovery: "neighbor_discovery"
        case .bgp: "bgp"
        case .icmp: "icmp"
        case .receive: "receive"
        case .glean: "glean"
        case .bfd: "bfd"
        case .hostDevice: "host_device"
        }
    }
}
