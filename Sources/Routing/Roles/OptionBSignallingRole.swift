import Addressing
import BGP

/// The rules for MVPN and EVPN routes of a neighbor on an NNI: which may be used, and how they look where they go on without a VRF.
/// The rest is as for VPN routes (``OptionBRole``).
enum OptionBSignallingRole {
    /// What is wrong with a route beside what is wrong with those of Option E; `nil` if nothing.
    static func rejection(
        of nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborInputs, _ settings: NeighborInputs.Family
    ) -> RouteRejection? {
        // 1. Labels in whose place others can be put.
        if case .refused(let reason) = ServiceLabels.reading(nlri, attributes) { return reason }
        // 2. Addresses that customers can have: packets follow them.
        if !neighbor.acceptsMartians, let reason = rejectionOfAddresses(nlri, attributes) { return reason }
        // 3. A listed target. An answer's target names a router: it goes on where it answers what went the other way.
        return nlri.isAnswer || settings.relay.imported.admit(attributes) ? nil : .targetNotListed
    }

    private static func rejectionOfAddresses(_ nlri: NLRI, _ attributes: PathAttributes) -> RouteRejection? {
        switch nlri {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: return nil
        case .evpn(let route):
            guard let destination = route.destination(attributes.evpn) else { return nil }
            return MartianPrefix.rejection(of: destination)
        case .multicastVPN(let route):
            let (source, group) = route.sourceAndGroup
            if let group, MartianPrefix.rejection(of: IPPrefix(host: group)) != .multicastPrefix {
                return .noMulticastGroup
            }
            guard let source else { return nil }
            return MartianPrefix.rejection(of: IPPrefix(host: source))
        }
    }

    /// The route targets that a path's route has at the neighbor.
    static func targets(of path: Path, _ family: SessionFamily, to neighbor: NeighborState) -> [ExtendedCommunity] {
        guard let settings = neighbor.inputs.families[family], let origin = path.neighbor.inputs.families[family] else {
            return []
        }
        let targets = path.attributes.extendedCommunities.filter { $0.routeTarget != nil }
        return settings.relay.exported.applied(to: origin.relay.imported.applied(to: targets))
    }

    /// The attributes that a relayed route has on its way to the neighbor: the next hop and the end of the tunnel are the box, the labels
    /// are ours.
    static func attributes(
        of path: Path, _ nlri: NLRI, _ family: SessionFamily, _ targets: [ExtendedCommunity], _ labels: ServiceLabels,
        to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes? {
        guard let settings = neighbor.inputs.families[family] else { return nil }
        var contents = path.attributes.contents
        let ofService =
            family == .evpn
            ? contents.extendedCommunities.compactMap { $0.overBorder(isForeign: !path.isInternal) } : []
        if neighbor.isInternal {
            contents.takeToInternalNeighbor()
            contents.mark(for: neighbor.inputs)
        } else {
            let export = Export(vrf: nil, label: .implicitNull, path: path, isRelayed: true)
            contents.takeToExternalNeighbor(export, settings, neighbor.inputs, autonomousSystem: autonomousSystem)
        }
        contents.nextHop = nextHop(to: neighbor)
        neighbor.inputs.attributePolicy.clean(&contents)
        contents.extendedCommunities += ofService + targets
        // Those are of trees that several PEs share.
        contents.peDistinguisherLabels = nil
        if !nlri.mayHaveTunnel { contents.pmsiTunnel = nil }
        // A tunnel of type *none* has no label, and no end.
        if let tunnel = contents.pmsiTunnel, tunnel.kind == .ingressReplication {
            contents.pmsiTunnel = tunnel.ending(
                at: neighbor.inputs.localAddress, label: labels.frames ?? labels.packets)
        }
        if case .evpn(let route) = nlri, let former = contents.evpn {
            contents.evpn = route.attributes(former, withLabels: [labels.frames, labels.packets].compactMap { $0 })
        }
        return PathAttributes(contents)
    }

    /// Of either family, whatever the customers' groups are of (RFC 6515 §2).
    static func nextHop(to neighbor: NeighborState) -> BGPNextHop { BGPNextHop(neighbor.inputs.localAddress) }
}
