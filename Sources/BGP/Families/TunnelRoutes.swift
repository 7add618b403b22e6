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

extension PathAttributes.Contents {
    /// Whether RFC 9573 §4.2 is about the label in PMSI_TUNNEL: the tunnel's root gives it, and it is one of MPLS.
    public var hasLabelOfRoot: Bool { pmsiTunnel.map { !$0.hasLabelOfLeaf } == true && !hasVNIs }

    /// Whether what stands for labels are VNIs (RFC 8365 §5.1.3): who offers MPLS besides says labels.
    public var hasVNIs: Bool {
        var isFound = false
        for community in extendedCommunities {
            if community.saysMPLS { return false }
            if community.saysVNIs { isFound = true }
        }
        return isFound
    }
}
