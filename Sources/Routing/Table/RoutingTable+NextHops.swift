import Addressing
import BGP

/// Next hops that can be reached and such that cannot (RFC 4271 §9.1.2.1).
extension RoutingTable {
    /// How the next hop of a neighbor's routes is; `nil` if there is no such neighbor.
    public func nextHopState(of neighbor: IPAddress) -> NextHopState? { neighbors[neighbor]?.nextHop }

    func setNextHop(_ nextHop: NextHopState, of neighbor: NeighborState) {
        guard neighbor.nextHop != nextHop else { return }
        neighbor.nextHop = nextHop
        for family in AddressFamily.allCases {
            let state = neighbor.family(family)
            // Routes of a lost session are on their way out already.
            guard nextHop != .unreachable || neighbor.session != nil || state.holdsStaleRoutes else { continue }
            let reselection = RouteReselection(state)
            state.reselection = reselection
            if reselection.routesLeft <= Self.routesRemovedAtOnce {
                _ = reselect(neighbor, family, limit: reselection.routesLeft)
            }
        }
    }

    /// Looks at the next routes of a neighbor whose next hop has changed.
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
                vrf.followNextHop(of: neighbor, prefix.routeDistinguisher, for: prefix.prefix)
                follow(before, prefix.prefix, in: vrf)
            }
        }
        if state.reselection?.isOver == true { state.reselection = nil }
        return looked
    }
}
