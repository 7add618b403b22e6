import Addressing
import BGP

/// The rules of Option E for a neighbor's routes: which may be used, which go to it, and how they look there.
enum OptionERole {
    // MARK: What its routes have to be (the third control-plane rule)

    /// What is wrong with the attributes; `nil` if nothing.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. Packets go to the neighbor itself, over the link that its label is checked on. The IPv4-mapped form
        //    (RFC 4659 §3.2.1.2) is the same address.
        guard attributes.nextHop?.resolvedAddress == neighbor.address else { return .nextHopNotNeighbor }
        // 2. Its AS path.
        return attributes.rejectionOfPath(from: neighbor, settings, autonomousSystem: autonomousSystem)
    }

    /// What is wrong with the route beside its attributes; `nil` if nothing.
    /// - Parameter mayHaveSeveralLabels: whether the session by which it came has the Multiple Labels capability.
    static func rejection(
        of nlri: NLRI, _ labels: LabelStack?, from neighbor: NeighborInputs, mayHaveSeveralLabels: Bool
    ) -> RouteRejection? {
        // RFC 8277 §2.1: one label, or as many as we have said; two of them are a label space's and, below, a VPN's.
        let labels = labels?.labels ?? []
        guard labels.count == 1 || mayHaveSeveralLabels else { return .moreThanOneLabel }
        guard labels.count <= ReceivedLabels.most else { return .tooManyLabels }
        guard !labels.isEmpty, labels.allSatisfy({ !$0.isReserved }) else { return .reservedLabel }
        return neighbor.acceptsMartians ? nil : MartianPrefix.rejection(of: nlri.prefix)
    }

    // MARK: What it is given (the first and the fifth control-plane rule)

    /// What the neighbor is to have; `nil` if nothing.
    static func export(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, of vrf: VRFState, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family, label: GivenLabel
    ) -> Export? {
        let family = prefix.family
        // 1. The VRF is eligible on the neighbor …
        guard vrf.inputs.eligibleNeighbors.contains(neighbor.peer), vrf.inputs.families.contains(family),
            vrf.inputs.isReachable(from: neighbor.peer, family),
            // … and the prefix lists of both let the route out.
            settings.exportFilter.permits(prefix),
            vrf.inputs.exportFilters[family].permits(prefix)
        else { return nil }
        switch selection {
        case .none:
            return nil
        case .local(let route):
            // 2. Of the VRF's own routes those that are redistributed.
            return vrf.redistributes(route, family) ? Export(vrf: vrf, label: label, path: nil) : nil
        case .path(let path, _):
            // 3. No transit by accident, not across two boxes either, and never back to where a route came from, nor to its
            //    site.
            guard vrf.inputs.allowsTransit || !path.isAnotherOperators,
                path.neighbor !== neighbor, path.attributes.mayLeaveTheAS, !path.attributes.isOf(settings.siteOfOrigin)
            else { return nil }
            return Export(vrf: vrf, label: label, path: path)
        }
    }

    // MARK: What becomes of next hop and attributes

    static func attributes(
        of export: Export, in vrf: VRFState, _ family: SessionFamily, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family, autonomousSystem: UInt32
    ) -> PathAttributes {
        guard let basis = export.basis else {
            return ownAttributes(of: vrf, family, to: neighbor, autonomousSystem: autonomousSystem)
        }
        var contents = basis.contents
        contents.takeToExternalNeighbor(export, settings, neighbor.inputs, autonomousSystem: autonomousSystem)
        contents.nextHop = nextHop(family, to: neighbor)
        neighbor.inputs.attributePolicy.clean(&contents, asExporter: true)
        contents.extendedCommunities += vrf.inputs.exportCommunities(
            to: neighbor.inputs, changedBy: export.targets)
        return PathAttributes(contents)
    }

    private static func ownAttributes(
        of vrf: VRFState, _ family: SessionFamily, to neighbor: NeighborState, autonomousSystem: UInt32
    ) -> PathAttributes {
        let key = AdjRIBOut.OwnRoutesKey(routeDistinguisher: vrf.inputs.routeDistinguisher, family: family)
        return neighbor.advertised.ownAttributes(key) {
            var contents = Export.ownAttributes.contents
            contents.asPath = ASPath(sequence: [autonomousSystem])
            contents.nextHop = nextHop(family, to: neighbor)
            contents.extendedCommunities = vrf.inputs.exportCommunities(to: neighbor.inputs)
            return PathAttributes(contents)
        }
    }

    /// Our address on the NNI; for VPN-IPv6 over an IPv4 session its IPv4-mapped form (RFC 4659 §3.2.1.2).
    private static func nextHop(_ family: SessionFamily, to neighbor: NeighborState) -> BGPNextHop {
        if family == .vpnv6, case .ipv4(let address) = neighbor.inputs.localAddress {
            return BGPNextHop(.ipv6(IPv6Address(mapping: address)))
        }
        return BGPNextHop(neighbor.inputs.localAddress)
    }
}
