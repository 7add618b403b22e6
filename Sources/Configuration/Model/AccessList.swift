import Addressing

/// One access list. What no entry permits is denied.
public struct AccessList: Equatable, Sendable {
    public let name: String
    public let family: AddressFamily
    public var kind: AccessListKind
    /// In ascending order of their sequence numbers, which are unique.
    public var entries: [AccessListEntry] = []

    public init(name: String, family: AddressFamily, kind: AccessListKind) {
        self.name = name
        self.family = family
        self.kind = kind
    }
}

/// How much an entry can say. IPv6 lists are always extended.
public enum AccessListKind: String, Hashable, Sendable, CaseIterable {
    /// Sources only.
    case standard
    case extended
}

/// One line of an access list.
public struct AccessListEntry: Equatable, Sendable {
    public var sequence: UInt32
    public var content: Content

    public enum Content: Equatable, Sendable {
        case remark(String)
        case rule(AccessListRule)
    }

    public init(sequence: UInt32, content: Content) {
        self.sequence = sequence
        self.content = content
    }
}

/// What packets an entry matches, and what becomes of them.
public struct AccessListRule: Equatable, Sendable {
    public var permits: Bool
    /// The IP protocol number (IPv6: the next header after the extension headers); `nil` for any.
    public var protocolNumber: UInt8?
    public var source = AddressMatch.any
    public var destination = AddressMatch.any
    /// Only with TCP (6), UDP (17) or SCTP (132).
    public var sourcePorts: PortMatch?
    /// Only with TCP (6), UDP (17) or SCTP (132).
    public var destinationPorts: PortMatch?
    /// Only with ICMP (1) or ICMPv6 (58).
    public var icmp: ICMPMatch?
    /// Only with TCP (6).
    public var tcpFlags: TCPFlagMatch?
    /// The differentiated services code point (RFC 2474), 0 to 63.
    public var dscp: UInt8?
    /// Whether only fragments other than the first match.
    public var matchesFragmentsOnly = false
    /// Whether matches are logged.
    public var logs = false

    public init(permits: Bool, protocolNumber: UInt8? = nil) {
        self.permits = permits
        self.protocolNumber = protocolNumber
    }
}

/// A set of addresses.
public enum AddressMatch: Equatable, Sendable {
    case any
    /// Never of length 0.
    case prefix(IPPrefix)
    /// IPv4 with a wildcard that no prefix length stands for: its set bits, in host byte order, are not compared and
    /// are zero in the address.
    case wildcard(IPv4Address, ignoredBits: UInt32)
    /// The networks of an object group, by name.
    case group(String)
}

/// A set of TCP, UDP or SCTP ports.
public enum PortMatch: Equatable, Sendable {
    /// One to ten ports, ascending.
    case equalToAny([UInt16])
    case notEqual(UInt16)
    /// Ports below it; it is above 0.
    case below(UInt16)
    /// Ports above it; it is below 65535.
    case above(UInt16)
    case range(ClosedRange<UInt16>)
    /// The ports of an object group, by name.
    case group(String)
}

/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) message type, and a code where one is given.
public struct ICMPMatch: Equatable, Sendable {
    public var type: UInt8
    public var code: UInt8?

    public init(type: UInt8, code: UInt8? = nil) {
        self.type = type
        self.code = code
    }
}

/// A condition on the TCP flags (RFC 9293 §3.1).
public enum TCPFlagMatch: Equatable, Sendable {
    /// ACK or RST is set.
    case established
    /// Any of the flags is set; at least one.
    case anySet(Set<TCPFlag>)
}

/// The TCP flags by which packets are told apart; the raw value is the flag's spelling.
public enum TCPFlag: String, Hashable, Sendable, CaseIterable {
    case ack
    case fin
    case psh
    case rst
    case syn
    case urg

    /// The bit in the thirteenth octet counted from 0 of the TCP header.
    public var mask: UInt8 {
        switch self {
        case .fin: 0x01
        case .syn: 0x02
        case .rst: 0x04
        case .psh: 0x08
        case .ack: 0x10
        case .urg: 0x20
        }
    }
}
