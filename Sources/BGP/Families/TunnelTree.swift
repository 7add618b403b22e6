import Addressing

extension PMSITunnel {
    /// What tells a tree from others, in one form however its sender writes it.
    public struct Tree: Hashable, Sendable {
        public let kind: Kind
        public let identifier: [UInt8]

        fileprivate init(_ kind: Kind, _ octets: ArraySlice<UInt8>) {
            self.kind = kind
            var identifier = Array(octets)
            switch kind {
            // RFC 6514 §5, RFC 4875 §19.1.1: two octets that say nothing are behind the extended tunnel identifier.
            case .rsvpPointToMultipoint where identifier.count >= 8:
                identifier[identifier.count - 8] = 0
                identifier[identifier.count - 7] = 0
            // RFC 6388 §3.1: a tree has an element for the way up, 7, and one for the way down, 8.
            case .mldpPointToMultipoint, .mldpMultipointToMultipoint:
                if identifier.first == Self.wayUp { identifier[0] = Self.wayDown }
            default: break
            }
            self.identifier = identifier
        }

        private static let wayUp: UInt8 = 7
        private static let wayDown: UInt8 = 8
    }

    /// The tree under whose labels packets come that its root has given; `nil` where the label is a leaf's (``hasLabelOfLeaf``), is none of
    /// MPLS, or where there is no tree.
    public var labelledTree: Tree? {
        guard let kind, let tree else { return nil }
        switch kind {
        case .rsvpPointToMultipoint, .mldpPointToMultipoint, .pimSourceSpecific, .pimSparse, .pimBidirectional,
            .mldpMultipointToMultipoint, .bier, .segmentRoutingTree:
            return Tree(kind, tree)
        case .none, .ingressReplication, .transport, .assistedReplication, .segmentRoutingIPv6Tree: return nil
        }
    }

    /// Whether leaves give the label, and packets to them have it: ingress replication (RFC 6514 §5) and its assisted kind (RFC 9574 §4).
    public var hasLabelOfLeaf: Bool { kind == .ingressReplication || kind == .assistedReplication }
}

extension PMSITunnel.Tree {
    /// The only one that sends into the tree, and so who gave the labels below (RFC 5331 §8); `nil` where its identifier does not say.
    public var root: IPAddress? {
        switch kind {
        // RFC 6388 §2.2: the address is behind type, family and length. Many send into an MP2MP tree (type 8).
        case .mldpPointToMultipoint:
            guard identifier.count > 4, identifier[0] == Self.pointToMultipoint else { return nil }
            // In families 29 and 30 there are four octets more (RFC 7307 §3.1).
            let octets = identifier[3] >= 16 ? 16 : 4
            guard identifier.count >= 4 + octets else { return nil }
            return IPAddress(networkOrder: identifier[4..<(4 + octets)])
        // RFC 6514 §5: a sender and a group.
        case .pimSourceSpecific, .pimSparse, .pimBidirectional:
            return IPAddress(networkOrder: identifier[..<(identifier.count / 2)])
        // RFC 8556 §2: the prefix is behind the subdomain and the router's number.
        case .bier: return IPAddress(networkOrder: identifier.dropFirst(3))
        // The extended tunnel identifier need not be an address (RFC 3209 §4.6.1.1).
        default: return nil
        }
    }

    private static let pointToMultipoint: UInt8 = 6
}

extension PMSITunnel.Tree: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        guard a.kind == b.kind else { return a.kind.rawValue < b.kind.rawValue }
        return a.identifier.lexicographicallyPrecedes(b.identifier)
    }
}

extension PMSITunnel.Tree: CustomStringConvertible {
    public var description: String {
        PMSITunnel(typeCode: kind.rawValue, labelField: 0, identifier: identifier).description
    }
}
