import Addressing

/// PMSI_TUNNEL (RFC 6514 §5): by which tunnel a PE's multicast comes, and under which label in it.
///
///     +---------------------------------+
///     |  Flags (1 octet)                |
///     +---------------------------------+
///     |  Tunnel Type (1 octet)          |
///     +---------------------------------+
///     |  MPLS Label (3 octets)          |
///     +---------------------------------+
///     |  Tunnel Identifier (variable)   |
///     +---------------------------------+
public struct PMSITunnel: Hashable, Sendable {
    /// The flags octet (IANA "P-Multicast Service Interface (PMSI) Tunnel Attribute Flags"), bit 0 the most significant.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Bit 7 (RFC 6514 §5): leaves are to answer.
        public static let leafInformationRequired = Self(rawValue: 0x01)
        /// Bit 1 (RFC 7902 §3): the flags go on in the extended community "Additional PMSI Tunnel Attribute Flags".
        public static let extended = Self(rawValue: 0x40)
    }

    /// IANA "P-Multicast Service Interface Tunnel (PMSI Tunnel) Tunnel Types".
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// RFC 6514 §5: leaves are asked for, and the tunnel is said later.
        case none = 0
        case rsvpPointToMultipoint = 1
        case mldpPointToMultipoint = 2
        case pimSourceSpecific = 3
        case pimSparse = 4
        case pimBidirectional = 5
        case ingressReplication = 6
        case mldpMultipointToMultipoint = 7
        /// RFC 7524 §7.
        case transport = 8
        /// RFC 9574 §11.
        case assistedReplication = 10
        /// RFC 8556 §2.
        case bier = 11
        /// A replication tree of segment routing over MPLS (RFC 9524).
        case segmentRoutingTree = 12
        /// The same over IPv6.
        case segmentRoutingIPv6Tree = 13
    }

    public let flags: Flags
    /// The octet as it came; see ``kind``.
    public let typeCode: UInt8
    /// The label field: a label in the upper 20 bits, or a VNI in all 24 (RFC 8365 §5.1.3).
    public let labelField: UInt32
    public let identifier: [UInt8]
    /// Whether somebody on the way did not know the attribute, which is handed on (RFC 4271 §5).
    var isPartial = false

    /// RFC 8317 §6.2: the highest bit says that the tunnel is a composite one, with the label of ingress replication in front
    /// of its identifier.
    private static let compositeBit: UInt8 = 0x80
    /// Those for experiments (RFC 8317 §8.1), of which nothing is known.
    private static let experimental: [ClosedRange<UInt8>] = [0x7b...0x7e, 0xfb...0xfe]

    /// `nil` where RFC 6514 §5 calls it malformed: the type is undefined, or the identifier none of the type.
    init?(value: ArraySlice<UInt8>) {
        var reader = ByteReader(value)
        guard let flags = reader.readUInt8(), let typeCode = reader.readUInt8(),
            let labelField = reader.readNumber(octets: 3)
        else { return nil }
        self.init(
            flags: Flags(rawValue: flags), typeCode: typeCode, labelField: UInt32(truncatingIfNeeded: labelField),
            identifier: Array(reader.remaining))
        guard !isExperimental else { return }
        guard let kind, let tree, kind.accepts(tree), !isComposite || kind.isTree else { return nil }
    }

    public init(flags: Flags = [], typeCode: UInt8, labelField: UInt32, identifier: [UInt8]) {
        self.flags = flags
        self.typeCode = typeCode
        self.labelField = labelField
        self.identifier = identifier
    }

    var value: [UInt8] {
        var writer = ByteWriter([flags.rawValue, typeCode])
        writer.writeNumber(UInt64(labelField), octets: 3)
        writer.write(identifier)
        return writer.bytes
    }
}

extension PMSITunnel {
    private var isExperimental: Bool { Self.experimental.contains { $0.contains(typeCode) } }

    /// Whether leaves send by ingress replication, too (RFC 8317 §6.2).
    public var isComposite: Bool { !isExperimental && typeCode & Self.compositeBit != 0 }

    /// `nil` for one of the types for experiments.
    public var kind: Kind? { isExperimental ? nil : Kind(rawValue: typeCode & ~Self.compositeBit) }

    /// The identifier of the tree that a composite tunnel has, or of the tunnel.
    var tree: ArraySlice<UInt8>? {
        guard isComposite else { return identifier[...] }
        return identifier.count >= 3 ? identifier.dropFirst(3) : nil
    }

    /// The label for that, which stands in front of the tree's identifier; `nil` without it.
    public var compositeLabel: MPLSLabel? {
        guard isComposite else { return nil }
        var reader = ByteReader(identifier[...])
        return reader.readNumber(octets: 3).flatMap { MPLSLabel(rawValue: UInt32(truncatingIfNeeded: $0 >> 4)) }
    }
}

extension PMSITunnel.Kind {
    /// Whether a composite tunnel may have it: without a tree, and with ingress replication alone, there is none (RFC 8317 §6.2).
    fileprivate var isTree: Bool { self != .none && self != .ingressReplication }

    /// Whether octets are an identifier of the type.
    fileprivate func accepts(_ identifier: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .none: identifier.isEmpty
        // RFC 6514 §5: extended tunnel identifier, two reserved octets, tunnel identifier, P2MP identifier (RFC 4875 §19.1).
        case .rsvpPointToMultipoint: identifier.count == 12 || identifier.count == 24
        case .mldpPointToMultipoint, .mldpMultipointToMultipoint: Self.isForwardingEquivalenceClass(identifier)
        // A sender or root and a group.
        case .pimSourceSpecific, .pimSparse, .pimBidirectional: identifier.count == 8 || identifier.count == 32
        case .ingressReplication, .assistedReplication: identifier.count == 4 || identifier.count == 16
        // RFC 8556 §2: subdomain, the router's number and its prefix.
        case .bier: identifier.count == 7 || identifier.count == 19
        // A PE, or a tree's root, and numbers.
        case .transport, .segmentRoutingTree, .segmentRoutingIPv6Tree: identifier.count > 4
        }
    }

    /// RFC 6388 §2.2: type, address family, the length of the root's address, the address, the length of what is behind. In families
    /// 29 and 30 (RFC 7307 §3.1) four octets for the topology are behind the address, and counted with it.
    private static func isForwardingEquivalenceClass(_ identifier: ArraySlice<UInt8>) -> Bool {
        var reader = ByteReader(identifier)
        guard let type = reader.readUInt8(), (6...8).contains(type), let family = reader.readUInt16(),
            let addressOctets = reader.readUInt8(),
            Self.rootOctets.contains([family, UInt16(addressOctets)]),
            reader.readOctets(Int(addressOctets)) != nil, let opaqueOctets = reader.readUInt16()
        else { return false }
        return Int(opaqueOctets) == reader.remainingCount
    }

    /// Families with as many octets as their roots have.
    private static let rootOctets: Set<[UInt16]> = [[1, 4], [2, 16], [29, 8], [30, 20]]

    /// The word that `show` has for it.
    var word: String {
        switch self {
        case .none: "none"
        case .rsvpPointToMultipoint: "rsvp-te-p2mp"
        case .mldpPointToMultipoint: "mldp-p2mp"
        case .pimSourceSpecific: "pim-ssm"
        case .pimSparse: "pim-sm"
        case .pimBidirectional: "pim-bidir"
        case .ingressReplication: "ingress-replication"
        case .mldpMultipointToMultipoint: "mldp-mp2mp"
        case .transport: "transport"
        case .assistedReplication: "assisted-replication"
        case .bier: "bier"
        case .segmentRoutingTree: "sr-mpls-p2mp"
        case .segmentRoutingIPv6Tree: "srv6-p2mp"
        }
    }
}

extension PMSITunnel: CustomStringConvertible {
    /// For instance `mldp-p2mp label 1001 leaf-information 06000104c000020100050100000001`.
    public var description: String { text(hasVNIs: false) }

    /// - Parameter hasVNIs: whether the label field is a VNI (RFC 8365 §5.1.3).
    public func text(hasVNIs: Bool) -> String {
        var words = [kind?.word ?? "type \(typeCode)"]
        if let compositeLabel { words.append("composite \(compositeLabel)") }
        if labelField != 0 { words.append(hasVNIs ? "vni \(labelField)" : "label \(labelField >> 4)") }
        if flags.contains(.leafInformationRequired) { words.append("leaf-information") }
        if !identifier.isEmpty {
            let address = kind == .ingressReplication ? IPAddress(networkOrder: identifier[...]) : nil
            words.append(
                address?.description ?? identifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
        return words.joined(separator: " ")
    }
}
