import Addressing

/// In which order the hosts of a stream's prefixes come.
public enum HostOrder: String, Codable, Hashable, Sendable, CaseIterable {
    case random
    case sequential
}

/// What the packets of a stream try that the device must not let through.
public enum AttackKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A label that is not valid on the link.
    case spoofedLabel = "spoofed_label"
    /// A reserved label, 0 to 15.
    case reservedLabel = "reserved_label"
    /// A valid label below another.
    case labelDepth = "label_depth"
    /// A valid label, and a source that the VRF does not route to the link.
    case spoofedSource = "spoofed_source"
    /// An unlabelled packet.
    case unlabelled
}

/// One stream: packets with the same headers but for addresses, numbers and checksums.
public struct StreamProfile: Hashable, Sendable {
    public var name: String
    /// Only for reports.
    public var vrf: String?
    /// The device that it leaves by, as named with `--device NAME=…`; `nil`: the first.
    public var port: String?
    /// The device under test's; broadcast where unknown.
    public var destinationMAC: MACAddress
    /// `nil`: the device's own.
    public var sourceMAC: MACAddress?
    /// 802.1Q identifiers, the outermost first; at most two.
    public var vlans: [UInt16]
    /// From the top of the stack; empty towards an attachment circuit. At most four.
    public var labels: [MPLSLabel]
    /// Labels that take the place of the first in turn; for attacks.
    public var spoofedLabels: [MPLSLabel] = []
    public var family: AddressFamily
    public var destinations: [IPPrefix]
    public var destinationHosts: HostOrder
    public var sources: [IPPrefix]
    public var sourceHosts: HostOrder
    public var frameSizes: FrameSizes
    public var rate: StreamRate
    public var timeToLive: UInt8 = 64
    public var trafficClassOctet: UInt8 = 0
    /// In the range of RFC 6335 §6 for private use; the destination is 9, discard (RFC 863).
    public var udpSourcePort: UInt16 = 49_184
    public var udpDestinationPort: UInt16 = 9
    public var attack: AttackKind?

    public init(
        name: String, vrf: String? = nil, port: String? = nil, destinationMAC: MACAddress = .broadcast,
        sourceMAC: MACAddress? = nil, vlans: [UInt16] = [], labels: [MPLSLabel] = [], family: AddressFamily,
        destinations: [IPPrefix], destinationHosts: HostOrder = .random, sources: [IPPrefix],
        sourceHosts: HostOrder = .random, frameSizes: FrameSizes = .fixed(64),
        rate: StreamRate = .packetsPerSecond(1000), attack: AttackKind? = nil
    ) {
        self.name = name
        self.vrf = vrf
        self.port = port
        self.destinationMAC = destinationMAC
        self.sourceMAC = sourceMAC
        self.vlans = vlans
        self.labels = labels
        self.family = family
        self.destinations = destinations
        self.destinationHosts = destinationHosts
        self.sources = sources
        self.sourceHosts = sourceHosts
        self.frameSizes = frameSizes
        self.rate = rate
        self.attack = attack
    }

    /// The mean over the mix of sizes of the octets a frame takes on the wire, with what the headers make necessary.
    public var meanFrameBytes: Double {
        let smallest = FrameTemplate.smallestFrameBytes(of: self)
        let weights = frameSizes.entries
        let total = weights.reduce(0) { $0 + $1.weight }
        return weights.reduce(0.0) { $0 + Double(max($1.bytes, smallest)) * Double($1.weight) } / Double(total)
    }
}
