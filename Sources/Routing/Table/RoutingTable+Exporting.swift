import Addressing
import BGP

/// Which routes go to which neighbor, and how they look there (the first and the fifth control-plane rule).
extension RoutingTable {
    /// A route that a neighbor is to have.
    struct Export {
        let vrf: VRFState
        let label: MPLSLabel
        /// The path it was learnt by; `nil` for a route of the VRF's own.
        let path: Path?
    }

    /// What `neighbor` is to have for `prefix`; `nil` if nothing.
    func export(_ prefix: VPNPrefix, to neighbor: NeighborState) -> Export? {
        let family = prefix.prefix.family
        // 1. Option E on this session, and the VRF eligible on it.
        guard neighbor.exchanges(family), let vrf = exporters[prefix.routeDistinguisher],
            vrf.inputs.eligibleNeighbors.contains(neighbor.address), vrf.inputs.families.contains(family),
            // … and the prefix lists of both let it out.
            neighbor.inputs.families[family].flatMap(\.exportFilter).permits(prefix.prefix),
            vrf.inputs.exportFilters[family].permits(prefix.prefix),
            // 2. The label is valid before it is said.
            let label = neighbor.installedLabels[vrf.name]
        else { return nil }
        switch vrf.selection(for: prefix.prefix) {
        case .none:
            return nil
        case .local(let route):
            // 3. Of the VRF's own routes those that are redistributed.
            guard let source = route.source, vrf.inputs.redistributed[family]?.contains(source) == true else {
                return nil
            }
            return Export(vrf: vrf, label: label, path: nil)
        case .path(let path):
            // 4. No transit by accident, and never back to where a route came from.
            guard vrf.inputs.allowsTransit, path.neighbor !== neighbor, path.attributes.mayLeaveTheAS else {
                return nil
            }
            return Export(vrf: vrf, label: label, path: path)
        }
    }

    /// The attributes that the route has on its way to `neighbor`.
    func attributes(
        of export: Export, _ family: AddressFamily, to neighbor: NeighborState
    ) -> PathAttributes {
        guard let path = export.path else { return localAttributes(of: export.vrf, family, to: neighbor) }
        var contents = path.attributes.contents
        contents.asPath = contents.asPath.prepending(inputs.autonomousSystem)
        contents.nextHop = nextHop(family, to: neighbor)
        // RFC 4271 §5.1.4: not propagated to other neighboring AS.
        contents.multiExitDiscriminator = nil
        contents.localPreference = nil
        contents.originatorIdentifier = nil
        contents.clusterList = []
        neighbor.inputs.attributePolicy.clean(&contents)
        contents.extendedCommunities += targets(of: export.vrf)
        return PathAttributes(contents)
    }

    private func localAttributes(
        of vrf: VRFState, _ family: AddressFamily, to neighbor: NeighborState
    ) -> PathAttributes {
        let key = NeighborState.ExportKey(routeDistinguisher: vrf.inputs.routeDistinguisher, family: family)
        if let known = neighbor.localAttributes[key] { return known }
        // Redistributed routes are learned by other means than BGP and an IGP (RFC 4271 §4.3 a).
        var contents = PathAttributes.Contents(
            origin: .incomplete, asPath: ASPath(sequence: [inputs.autonomousSystem]),
            nextHop: nextHop(family, to: neighbor))
        contents.extendedCommunities = targets(of: vrf)
        let attributes = PathAttributes(contents)
        neighbor.localAttributes[key] = attributes
        return attributes
    }

    private func targets(of vrf: VRFState) -> [ExtendedCommunity] {
        vrf.inputs.exportTargets.sorted().map { ExtendedCommunity($0) }
    }

    /// Our address on the NNI; for VPN-IPv6 over an IPv4 session its IPv4-mapped form (RFC 4659 §3.2.1.2).
    private func nextHop(_ family: AddressFamily, to neighbor: NeighborState) -> BGPNextHop {
        if family == .ipv6, case .ipv4(let address) = neighbor.inputs.localAddress {
            return BGPNextHop(.ipv6(IPv6Address(mapping: address)))
        }
        return BGPNextHop(neighbor.inputs.localAddress)
    }

    /// Whether what `neighbor` was sent for `prefix` is not what it is to have.
    func isOutOfDate(_ prefix: VPNPrefix, at neighbor: NeighborState) -> Bool {
        let family = prefix.prefix.family
        let advertised = neighbor.family(family).advertised[prefix]
        guard let export = export(prefix, to: neighbor) else { return advertised != nil }
        guard let advertised else { return true }
        return advertised.label != export.label || advertised.attributes != attributes(of: export, family, to: neighbor)
    }

    /// Notes all routes of the VRF that `neighbor` is to have and does not have as they are.
    func enqueueRoutes(of vrf: VRFState, for neighbor: NeighborState) {
        guard neighbor.session != nil, vrf.inputs.eligibleNeighbors.contains(neighbor.address) else { return }
        let routeDistinguisher = vrf.inputs.routeDistinguisher
        func note(_ prefix: IPPrefix) {
            let prefix = VPNPrefix(routeDistinguisher: routeDistinguisher, prefix: prefix)
            if isOutOfDate(prefix, at: neighbor) {
                neighbor.enqueue(prefix, like: vrf.learntAttributes(of: prefix.prefix))
            }
        }
        for prefix in vrf.locals.keys.sorted() { note(prefix) }
        guard vrf.inputs.allowsTransit else { return }
        for prefix in vrf.paths.keys { note(prefix) }
    }
}

extension PathAttributes {
    /// RFC 1997: NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED keep a route from external peers. RFC 9494 §4.3: a
    /// route that is stale for long goes to those only who offer long-lived graceful restart, which is not read here.
    fileprivate var mayLeaveTheAS: Bool {
        !self.communities.contains {
            (0xFFFF_FF01...0xFFFF_FF03).contains($0.rawValue) || $0 == .longLivedStale
        }
    }
}
