/// What has to stand under a label that is swapped.
public enum SwappedStack: UInt8, Hashable, Sendable, Comparable {
    /// No other label: a VPN label of Option B.
    case packet = 0
    /// No other label, and a packet of IPv6: the label of a labelled IPv6 prefix (RFC 4798).
    case ipv6Packet = 1
    /// No other label, and a packet of BGP or ICMP between addresses that are listed: the label of a route reflector.
    case session = 2
    /// One label: that of a PE is followed by the one that the PE gave.
    case label = 3
    /// The same, or under that the entropy label indicator and an entropy label (RFC 6790).
    case labelWithEntropy = 4
    /// None or some labels of a customer carrier's own: what it sends by its routers' prefixes is IP, or is under labels that these
    /// gave (RFC 4364 §9).
    case labels = 5
    /// No other label, and an Ethernet frame, in front of which there may be a control word (RFC 7432 §18): that of an EVPN route.
    case frame = 6

    /// The most labels of ``labels``: those of a VPN and, of a customer of the customer carrier's that is a carrier itself, one
    /// more; or a VPN's with an entropy label and its indicator.
    public static let mostLabels: UInt8 = 3

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension SwappedStack: CustomStringConvertible {
    public var description: String {
        switch self {
        case .packet: "no label below"
        case .ipv6Packet: "no label below, IPv6 alone"
        case .session: "no label below, BGP and ICMP between listed addresses alone"
        case .label: "one label below"
        case .labelWithEntropy: "one label below, or three with an entropy label"
        case .frame: "no label below, Ethernet"
        case .labels: "up to \(Self.mostLabels) labels below"
        }
    }
}
