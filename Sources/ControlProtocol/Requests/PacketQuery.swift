import Addressing

/// Parameters of `explain.packet`: the packet as it comes in.
public struct PacketQuery: Codable, Hashable, Sendable {
    /// The attachment circuit or the NNI.
    public var interface: String
    /// The label stack, the top first; empty for an unlabelled packet.
    public var labels: [MPLSLabel]
    public var source: IPAddress
    /// Of the same family as the source.
    public var destination: IPAddress
    /// The number of the IP protocol or, in IPv6, of the upper layer: 0 to 255.
    public var ipProtocol: UInt8
    /// Of TCP and UDP.
    public var sourcePort: UInt16?
    public var destinationPort: UInt16?
    /// Of the IP header.
    public var timeToLive: UInt8
    /// Of each label entry.
    public var labelTimeToLive: UInt8
    /// The length of the IP packet with its header.
    public var lengthBytes: UInt16
    /// IPv4's "don't fragment".
    public var doNotFragment: Bool
    /// The differentiated services code point, 0 to 63.
    public var dscp: UInt8
    /// The traffic class of each label entry, 0 to 7.
    public var trafficClass: UInt8
    /// The flags of TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.
    public var tcpFlags: UInt8
    /// Of ICMP and ICMPv6.
    public var icmpType: UInt8?
    public var icmpCode: UInt8?

    public init(
        interface: String, labels: [MPLSLabel] = [], source: IPAddress, destination: IPAddress, ipProtocol: UInt8 = 17,
        sourcePort: UInt16? = nil, destinationPort: UInt16? = nil, timeToLive: UInt8 = 64, labelTimeToLive: UInt8 = 64,
        lengthBytes: UInt16 = 100, doNotFragment: Bool = false, dscp: UInt8 = 0, trafficClass: UInt8 = 0,
        tcpFlags: UInt8 = 0, icmpType: UInt8? = nil, icmpCode: UInt8? = nil
    ) {
        self.interface = interface
        self.labels = labels
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.timeToLive = timeToLive
        self.labelTimeToLive = labelTimeToLive
        self.lengthBytes = lengthBytes
        self.doNotFragment = doNotFragment
        self.dscp = dscp
        self.trafficClass = trafficClass
        self.tcpFlags = tcpFlags
        self.icmpType = icmpType
        self.icmpCode = icmpCode
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            interface: try container.decode(String.self, forKey: .interface),
            labels: try container.decodeIfPresent([MPLSLabel].self, forKey: .labels) ?? [],
            source: try container.decode(IPAddress.self, forKey: .source),
            destination: try container.decode(IPAddress.self, forKey: .destination))
        ipProtocol = try container.decodeIfPresent(UInt8.self, forKey: .ipProtocol) ?? ipProtocol
        sourcePort = try container.decodeIfPresent(UInt16.self, forKey: .sourcePort)
        destinationPort = try container.decodeIfPresent(UInt16.self, forKey: .destinationPort)
        timeToLive = try container.decodeIfPresent(UInt8.self, forKey: .timeToLive) ?? timeToLive
        labelTimeToLive = try container.decodeIfPresent(UInt8.self, forKey: .labelTimeToLive) ?? labelTimeToLive
        lengthBytes = try container.decodeIfPresent(UInt16.self, forKey: .lengthBytes) ?? lengthBytes
        doNotFragment = try container.decodeIfPresent(Bool.self, forKey: .doNotFragment) ?? doNotFragment
        dscp = try container.decodeIfPresent(UInt8.self, forKey: .dscp) ?? dscp
        trafficClass = try container.decodeIfPresent(UInt8.self, forKey: .trafficClass) ?? trafficClass
        tcpFlags = try container.decodeIfPresent(UInt8.self, forKey: .tcpFlags) ?? tcpFlags
        icmpType = try container.decodeIfPresent(UInt8.self, forKey: .icmpType)
        icmpCode = try container.decodeIfPresent(UInt8.self, forKey: .icmpCode)
        guard dscp < 64, trafficClass < 8 else {
            throw DecodingError.dataCorruptedError(
                forKey: .dscp, in: container, debugDescription: "a code point is 0 to 63, a traffic class 0 to 7")
        }
        guard source.family == destination.family else {
            throw DecodingError.dataCorruptedError(
                forKey: .destination, in: container,
                debugDescription: "source and destination are of different families")
        }
        guard labels.count <= PacketQuery.deepestStack else {
            throw DecodingError.dataCorruptedError(
                forKey: .labels, in: container, debugDescription: "at most \(PacketQuery.deepestStack) labels")
        }
    }

    /// The most labels that can be asked about.
    public static let deepestStack = 16
}
