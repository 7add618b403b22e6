import Addressing

/// From the candidates of a prefix in a VRF to the FIB: every change of what may be selected goes through here.
struct RouteSelection {
    let context: RoutingContext
    let advertising: RouteAdvertising

    /// Passes on what a change of the candidates of `prefix` means for the FIB and the neighbors, given what was
    /// selected before it.
    func follow(_ before: VRFState.Selection, _ prefix: IPPrefix, in vrf: VRFState) {
        let after = vrf.selection(for: prefix)
        setForwarding(before.action, after.action, prefix, in: vrf)
        advertising.follow(before, after, prefix, of: vrf)
    }

    private func setForwarding(
        _ before: ForwardingAction?, _ after: ForwardingAction?, _ prefix: IPPrefix, in vrf: VRFState
    ) {
        guard before != after else { return }
        if let after {
            context.add(.setRoute(vrf: vrf.number, prefix: prefix, after))
        } else {
            context.add(.removeRoute(vrf: vrf.number, prefix: prefix))
        }
    }

    /// Goes over to the VRF's `maximum-paths`. The best paths stay what they are, and with them what neighbors are told.
    func reviseMultipath(of vrf: VRFState) {
        let (former, wanted) = (vrf.maximumPaths, vrf.inputs.maximumPaths)
        let isMixedOtherwise = vrf.mixesOperators != vrf.inputs.allowsTransit
        guard wanted != former || isMixedOtherwise else { return }
        var changed: [IPPrefix] = []
        for (prefix, set) in vrf.paths where !set.others.isEmpty {
            let (old, new) = (former[prefix.family], wanted[prefix.family])
            if old != new || isMixedOtherwise && new != nil { changed.append(prefix) }
        }
        changed.sort()
        let before = changed.map { vrf.selection(for: $0).action }
        vrf.followMultipathInputs()
        for (prefix, action) in zip(changed, before) {
            setForwarding(action, vrf.selection(for: prefix).action, prefix, in: vrf)
        }
    }

    /// Goes over to the circuits and static routes of the VRF's inputs. A prefix that goes from a circuit to a far end,
    /// or back, is never without a route in between.
    func reviseOwnRoutes(of vrf: VRFState) {
        let connected = ConnectedSubnets(vrf.inputs)
        guardSubnets(connected.common(with: vrf.connectedSubnets), of: vrf)
        let wanted = LocalRoute.routes(of: vrf.inputs)
        for prefix in vrf.locals.keys.sorted() where wanted[prefix] == nil {
            setLocal(nil, prefix, in: vrf)
        }
        for (prefix, route) in wanted.sorted(by: { $0.key < $1.key }) where vrf.locals[prefix] != route {
            setLocal(route, prefix, in: vrf)
        }
        guardSubnets(connected, of: vrf)
    }

    private func setLocal(_ route: LocalRoute?, _ prefix: IPPrefix, in vrf: VRFState) {
        let before = vrf.selection(for: prefix)
        vrf.setLocal(route, for: prefix)
        follow(before, prefix, in: vrf)
    }

    /// The subnets inside which the VRF believes no far end are others now.
    private func guardSubnets(_ connected: ConnectedSubnets, of vrf: VRFState) {
        let former = vrf.connectedSubnets
        guard connected != former else { return }
        let changed = vrf.paths.keys.filter { former.cover($0) != connected.cover($0) }.sorted()
        let before = changed.map { vrf.selection(for: $0) }
        vrf.setConnectedSubnets(connected)
        for (prefix, selection) in zip(changed, before) { follow(selection, prefix, in: vrf) }
    }
}
