import Addressing
import BGP

/// Next hops that can be reached and such that cannot (RFC 4271 §9.1.2.1).
extension RoutingTable {
    /// Whether a neighbor's routes are usable as far as their next hop goes; `nil` if there is no such neighbor.
    public func isNextHopReachable(of neighbor: IPAddress) -> Bool? { neighbors[neighbor]?.isReachable }

    func setReachable(_ isReachable: Bool, _ neighbor: NeighborState) {
        guard neighbor.isReachable != isReachable else { return }
        neighbor.isReachable = isReachable
        for family in AddressFamily.allCases {
            let state = neighbor.family(family)
            // Routes of a lost session are on their way out already.
            guard isReachable || neighbor.session != nil || state.holdsStaleRoutes else { continue }
            let reselection = RouteReselection(state)
            state.reselection = reselection
            if reselection.routesLeft <= Self.routesRemovedAtOnce {
                _ = reselect(neighbor, family, limit: reselection.routesLeft)
            }
        }
    }

    /// Looks at the next routes of a neighbor whose reachability has changed.
    ///
    /// - Returns: how many.
    func reselect(_ neighbor: NeighborState, _ family: AddressFamily, limit: Int) -> Int {
        let state = neighbor.family(family)
        var looked = 0
        while looked < limit, let prefix = state.reselection?.popNext() {
            looked += 1
            guard let route = state.received[prefix] else { continue }
            for vrf in imports.importers(of: prefix.prefix, route.attributes, from: neighbor.address).vrfs {
                let before = vrf.selection(for: prefix.prefix)
                vrf.followReachability(of: neighbor, prefix.routeDistinguisher, for: prefix.prefix)
                follow(before, prefix.prefix, in: vrf)
            }
        }
        if state.reselection?.isOver == true { state.reselection = nil }
        return looked
    }
}
