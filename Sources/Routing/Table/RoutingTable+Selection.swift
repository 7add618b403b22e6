import Addressing
import BGP

/// From candidates to the FIB.
extension RoutingTable {
    /// How long to wait before refused routes are looked at again after room was made: looking costs a pass over what
    /// the neighbors sent, which a neighbor must not be able to cause at will.
    private static let admissionRetrySeconds: UInt32 = 10

    func insert(
        _ route: NeighborFamily.Received, _ prefix: VPNPrefix, of neighbor: NeighborState, into vrf: VRFState
    ) {
        guard vrf.hasRoom || vrf.paths[prefix.prefix] != nil else {
            refuse(vrf)
            return
        }
        let path = Path(
            neighbor: neighbor, routeDistinguisher: prefix.routeDistinguisher, label: route.label,
            peerIdentifier: route.peerIdentifier, attributes: route.attributes, learnedAt: route.learnedAt,
            nextHop: neighbor.nextHop)
        let before = vrf.selection(for: prefix.prefix)
        let isNew = vrf.paths[prefix.prefix] == nil
        vrf.insert(path, for: prefix.prefix)
        follow(before, prefix.prefix, in: vrf)
        if isNew, let warning = vrf.inputs.warningRoutes, vrf.routeCount == Int(warning),
            vrf.routeWarnings.add(now: now) != nil
        {
            effects.append(.log(.maximumRoutesNear(vrf: vrf.name, count: vrf.routeCount)))
        }
    }

    func removePath(_ prefix: VPNPrefix, of neighbor: NeighborState, from vrf: VRFState) {
        let before = vrf.selection(for: prefix.prefix)
        vrf.remove(neighbor, prefix.routeDistinguisher, for: prefix.prefix)
        follow(before, prefix.prefix, in: vrf)
        if vrf.hasRefusedRoutes, vrf.hasRoom, vrf.admissionRetryAt == nil {
            vrf.admissionRetryAt = now.advanced(bySeconds: Self.admissionRetrySeconds)
        }
    }

    /// Obeys a `maximum routes` that is lower than what is there: the routes that were learnt last go first.
    func removeExcess(of vrf: VRFState) {
        guard let limit = vrf.inputs.maximumRoutes, vrf.routeCount > Int(limit) else { return }
        let excess = min(vrf.routeCount - Int(limit), vrf.paths.count)
        let newestFirst = vrf.paths.map { (prefix: $0.key, learnedAt: $0.value.best.learnedAt) }
            .sorted { ($0.learnedAt, $0.prefix) > ($1.learnedAt, $1.prefix) }
        for (prefix, _) in newestFirst.prefix(excess) {
            let before = vrf.selection(for: prefix)
            vrf.removeAll(for: prefix)
            follow(before, prefix, in: vrf)
        }
        if excess > 0 { refuse(vrf) }
    }

    private func refuse(_ vrf: VRFState) {
        vrf.hasRefusedRoutes = true
        guard !vrf.hasReportedMaximum, let limit = vrf.inputs.maximumRoutes else { return }
        vrf.hasReportedMaximum = true
        effects.append(.log(.maximumRoutesReached(vrf: vrf.name, limit: limit)))
    }

    /// Imports what was refused, as far as there is room.
    func admitRefusedRoutes(_ vrf: VRFState) {
        vrf.admissionRetryAt = nil
        vrf.hasRefusedRoutes = false
        for neighbor in neighborsInOrder where vrf.inputs.eligibleNeighbors.contains(neighbor.address) {
            for family in AddressFamily.allCases where !vrf.hasRefusedRoutes {
                for (prefix, route) in neighbor.family(family).received {
                    guard !vrf.contains(neighbor, prefix.routeDistinguisher, for: prefix.prefix),
                        imports.importers(of: prefix.prefix, route.attributes, from: neighbor.address).vrfs
                            .contains(where: { $0 === vrf })
                    else { continue }
                    insert(route, prefix, of: neighbor, into: vrf)
                    if vrf.hasRefusedRoutes { break }
                }
            }
        }
        guard vrf.hasReportedMaximum, !vrf.hasRefusedRoutes else { return }
        vrf.hasReportedMaximum = false
        effects.append(.log(.maximumRoutesCleared(vrf: vrf.name)))
    }

    /// Passes on what a change of the candidates of `prefix` means for the FIB and the neighbors, given what was
    /// selected before it.
    func follow(_ before: VRFState.Selection, _ prefix: IPPrefix, in vrf: VRFState) {
        let after = vrf.selection(for: prefix)
        if before.action != after.action {
            if let action = after.action {
                effects.append(.setRoute(vrf: vrf.name, prefix: prefix, action))
            } else {
                effects.append(.removeRoute(vrf: vrf.name, prefix: prefix))
            }
        }
        // Imported routes of a VRF without transit go to no neighbor: a million of them cost nothing here.
        if before.isLocal || after.isLocal || vrf.inputs.allowsTransit { enqueue(prefix, of: vrf) }
    }

    private func enqueue(_ prefix: IPPrefix, of vrf: VRFState) {
        guard exporters[vrf.inputs.routeDistinguisher] === vrf else { return }
        let attributes = vrf.learntAttributes(of: prefix)
        let prefix = VPNPrefix(routeDistinguisher: vrf.inputs.routeDistinguisher, prefix: prefix)
        for address in vrf.inputs.eligibleNeighbors {
            guard let neighbor = neighbors[address], neighbor.exchanges(prefix.prefix.family) else { continue }
            if neighbor.family(prefix.prefix.family).advertised[prefix] != nil
                || export(prefix, to: neighbor) != nil
            {
                neighbor.enqueue(prefix, like: attributes)
            }
        }
    }
}
