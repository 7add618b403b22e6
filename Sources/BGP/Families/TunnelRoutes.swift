import Addressing

/// Which MVPN and EVPN routes say labels that are looked up in packets of a tunnel (RFC 9573 §4.2).
extension NLRI {
    /// Whether it is an x-PMSI or IMET route: PMSI_TUNNEL says by which tunnel a VPN's or broadcast domain's packets come (RFC 6514 §4,
    /// RFC 7432 §7.3, RFC 9572 §3). In a leaf's answer it says a label of the leaf's.
    public var announcesTunnel: Bool {
        switch self {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: false
        case .multicastVPN(let route):
            switch route.kind {
            case .intraASIPMSI, .interASIPMSI, .selectivePMSI: true
            case .leafAutoDiscovery, .sourceActive, .sharedTreeJoin, .sourceTreeJoin: false
            }
        case .evpn(let route):
            switch route.kind {
            case .inclusiveMulticast, .perRegionIPMSI, .selectivePMSI: true
            case .ethernetAutoDiscovery, .macIPAdvertisement, .ethernetSegment, .ipPrefix, .selectiveMulticast,
                .membershipReportSynch, .leaveSynch, .leafAutoDiscovery:
                false
            }
        }
    }

    /// Whether it is an Ethernet A-D route of a whole segment (RFC 7432 §8.2.1): its tag is MAX-ET, and it says the segment's label.
    public var announcesSegment: Bool {
        guard case .evpn(let route) = self else { return false }
        return route.kind == .ethernetAutoDiscovery && route.ethernetTag == .max
    }
}

extension PMSITunnel {
    /// What tells a tree from others of its PE.
    public struct Tree: Hashable, Sendable {
        public let kind: Kind
        public let identifier: [UInt8]
    }

    /// The tree under whose labels packets come that its root has given; `nil` where the label is a leaf's (ingress replication, RFC 6514
    /// §5, RFC 9574 §4), is none of MPLS, or where there is no tree.
    public var labelledTree: Tree? {
        guard let kind, let tree else { return nil }
        switch kind {
        case .rsvpPointToMultipoint, .mldpPointToMultipoint, .pimSourceSpecific, .pimSparse, .pimBidirectional,
            .mldpMultipointToMultipoint, .bier, .segmentRoutingTree:
            return Tree(kind: kind, identifier: Array(tree))
        case .none, .ingressReplication, .transport, .assistedReplication, .segmentRoutingIPv6Tree: return nil
        }
    }
}

extension PMSITunnel.Tree: CustomStringConvertible {
    public var description: String {
        PMSITunnel(typeCode: kind.rawValue, labelField: 0, identifier: identifier).description
    }
}
