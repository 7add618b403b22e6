import Addressing

/// What relays have to know of MVPN and EVPN routes: whose they are, which answer others, and where their labels stand.
extension NLRI {
    /// The route distinguisher of a VPN, MVPN or EVPN route.
    public var routeDistinguisher: RouteDistinguisher? {
        switch self {
        case .unicast, .labeledUnicast, .routeTargets: nil
        case .vpn(let vpnPrefix): vpnPrefix.routeDistinguisher
        case .multicastVPN(let route): route.routeDistinguisher
        case .evpn(let route): route.routeDistinguisher
        }
    }

    /// Whether another router's route is answered by it: a leaf that joins a tree (RFC 6514 §4.4, RFC 9572 §3.3), or a customer's
    /// join (RFC 6514 §4.6). Its target names that router and no VPN.
    public var isAnswer: Bool {
        switch self {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: false
        case .multicastVPN(let route):
            route.kind == .leafAutoDiscovery || route.kind == .sharedTreeJoin || route.kind == .sourceTreeJoin
        case .evpn(let route): route.kind == .leafAutoDiscovery
        }
    }

    /// Whether it is a customer's join (RFC 6514 §4.6), which names VPN routes and no other route.
    public var isJoin: Bool {
        guard case .multicastVPN(let route) = self else { return false }
        return route.kind == .sharedTreeJoin || route.kind == .sourceTreeJoin
    }

    /// The route that a leaf answers, where the octets say a whole one and one that says a tunnel: only of that there are leaves
    /// (RFC 6514 §4.4, RFC 7524 §6, RFC 9572 §3.3); `nil` for all other routes.
    public var answeredRoute: NLRI? {
        let answered: NLRI? =
            switch self {
            case .unicast, .labeledUnicast, .vpn, .routeTargets: nil
            case .multicastVPN(let route): route.answered.map { .multicastVPN($0) }
            case .evpn(let route): route.answered.map { .evpn($0) }
            }
        guard let answered, answered.announcesTunnel else { return nil }
        return answered
    }

    /// Whether PMSI_TUNNEL means anything beside the route: it says a tunnel, or a leaf's end of one.
    public var mayHaveTunnel: Bool { announcesTunnel || (isAnswer && !isJoin) }
}

extension EVPNRoute {
    /// RFC 7432 §7.1: an Ethernet A-D route per segment and not per service; it has label 0, which stands for none.
    public var isPerSegment: Bool { kind == .ethernetAutoDiscovery && ethernetTag == 0xffff_ffff }

    /// What the route says besides what identifies it, with other labels in its label fields, in their order. A field without one is
    /// zero: no label is left that somebody else gave.
    public func attributes(_ attributes: EVPNRouteAttributes, withLabels labels: [MPLSLabel]) -> EVPNRouteAttributes {
        guard let first = labelOffset(in: attributes) else { return attributes }
        var octets = attributes.octets
        for (index, place) in stride(from: first, to: octets.count - 2, by: 3).enumerated() {
            guard index < labels.count else {
                for octet in place..<place + 3 { octets[octet] = 0 }
                continue
            }
            let label = labels[index]
            octets[place] = UInt8(truncatingIfNeeded: label.rawValue >> 12)
            octets[place + 1] = UInt8(truncatingIfNeeded: label.rawValue >> 4)
            // The low bits of the field are none of the label.
            octets[place + 2] = UInt8(truncatingIfNeeded: label.rawValue << 4) | octets[place + 2] & 0x0f
        }
        return EVPNRouteAttributes(octets: octets)
    }
}

extension PMSITunnel {
    /// The same tunnel by ingress replication with another label, or none, and another end (RFC 6514 §5). Flags that go on in a community
    /// are those of trees.
    public func ending(at address: IPAddress, label: MPLSLabel?) -> PMSITunnel {
        PMSITunnel(
            flags: flags.subtracting(.extended), typeCode: typeCode,
            labelField: label.map { $0.rawValue << 4 | labelField & 0xf } ?? 0, identifier: address.octets)
    }
}

extension ExtendedCommunity {
    /// Source AS (RFC 6514 §6) and VRF Route Import (§7) of VPN routes: by them PEs of another operator join trees of this one.
    var isOfMulticastVPN: Bool { isSourceAutonomousSystem || vrfRouteImport != nil }

    /// Of an AS of two octets, or of four (RFC 7153).
    public var isSourceAutonomousSystem: Bool { rawValue >> 48 == 0x0009 || rawValue >> 48 == 0x0209 }

    /// A route target that names a router (RFC 6514 §9.2.1 for leaves: its address and 0; §11.1.3 for joins: its VRF Route Import).
    public init(naming router: IPv4Address, number: UInt16 = 0) {
        self.init(rawValue: 0x0102 << 48 | UInt64(router.rawValue) << 16 | UInt64(number))
    }
}
