import Addressing
import BGP

/// What is done with many routes of a neighbor at once: removes those that are stale or of a lost session, and chooses anew where
/// next hops have come or gone. More than a few are done in portions, so that nothing else waits for them; how far that has got
/// is kept beside the routes.
final class RouteSweeping {
    /// So many routes are looked at at once; more in portions.
    private static let routesLookedAtAtOnce = 1000

    private let context: RoutingContext
    private let imports: RouteImport
    private let relay: RouteRelay
    private let labelled: LabelledRelay
    private let signalling: SignallingRelay
    private let routes: ReceivedRoutes

    init(
        _ context: RoutingContext, _ imports: RouteImport, _ relay: RouteRelay, _ labelled: LabelledRelay,
        _ signalling: SignallingRelay, _ routes: ReceivedRoutes
    ) {
        self.context = context
        self.imports = imports
        self.relay = relay
        self.labelled = labelled
        self.signalling = signalling
        self.routes = routes
    }

    // MARK: Routes that go

    /// Removes all routes at once: what they depend on is about to be another.
    func removeAll(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.abandonSweep()
        table.beginGeneration()
        table.forgetStaleRejections()
        for nlri in Array(table.routes.keys) { routes.remove(nlri, of: neighbor) }
        table.releaseStorage()
        table.endStale()
    }

    /// Removes what was not announced again since the present generation began.
    func removeStale(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.forgetStaleRejections()
        let count = beginSweep(neighbor, table)
        if table.holdsStaleRoutes, count > 0 {
            context.log(.staleRoutesRemoved(neighbor: neighbor.peer, family.identifier, count: count))
        }
        table.endStale()
    }

    /// Removes all routes, at once if they are few.
    func sweepAll(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.beginGeneration()
        table.forgetStaleRejections()
        _ = beginSweep(neighbor, table)
        table.endStale()
    }

    private func beginSweep(_ neighbor: NeighborState, _ table: AdjRIBInTable) -> Int {
        let count = table.beginSweep()
        if count > 0, count <= Self.routesLookedAtAtOnce { _ = sweep(neighbor, table, limit: count) }
        return count
    }

    /// - Returns: how many routes were looked at.
    private func sweep(_ neighbor: NeighborState, _ table: AdjRIBInTable, limit: Int) -> Int {
        var looked = 0
        while looked < limit, let next = table.nextOfSweep() {
            looked += 1
            if next.isToGo { routes.remove(next.nlri, of: neighbor) }
        }
        table.endSweep()
        return looked
    }

    // MARK: Routes that are chosen anew

    /// The next hop of the neighbor's routes has come or gone (RFC 4271 §9.1.2.1).
    func setNextHop(_ nextHop: NextHopState, of neighbor: NeighborState) {
        guard neighbor.nextHop != nextHop else { return }
        neighbor.setNextHop(nextHop)
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            // Routes of a lost session are on their way out already.
            guard nextHop != .unreachable || neighbor.session != nil || table.holdsStaleRoutes else { continue }
            beginReselection(of: .neighbor, neighbor, table)
        }
    }

    /// Transports to PEs that an internal neighbor's routes may name have come or gone.
    func followTransports(to providers: Set<IPAddress>, of neighbor: NeighborState) {
        for family in SessionFamily.allCases where family.isVPN || signalling.relayedFamilies.contains(family) {
            beginReselection(of: .providers(providers), neighbor, neighbor.received[family])
        }
    }

    /// Packets of the neighbor's routes go another way in a VRF, or that is otherwise than it was: Option AB.
    func followWays(of neighbor: NeighborState) {
        for family in SessionFamily.allCases where family.isVPN {
            beginReselection(of: .neighbor, neighbor, neighbor.received[family])
        }
    }

    /// At once if the routes are few.
    private func beginReselection(
        of scope: RouteReselection.Scope, _ neighbor: NeighborState, _ table: AdjRIBInTable
    ) {
        guard let count = table.beginReselection(of: scope), count <= Self.routesLookedAtAtOnce else { return }
        _ = reselect(neighbor, table, limit: count)
    }

    /// - Returns: how many routes were looked at.
    private func reselect(_ neighbor: NeighborState, _ table: AdjRIBInTable, limit: Int) -> Int {
        var looked = 0
        while looked < limit, let (nlri, route) = table.nextOfReselection() {
            looked += 1
            if let route {
                imports.followNextHop(nlri, route, of: neighbor)
                relay.followNextHop(nlri, of: neighbor)
                labelled.followNextHop(nlri, of: neighbor)
                signalling.followNextHop(nlri, of: neighbor)
            }
        }
        table.endReselection()
        return looked
    }

    // MARK: Portions

    /// Goes on with what is done in portions, and returns how many routes were looked at.
    func continueSweeping(_ neighbor: NeighborState, _ family: SessionFamily, limit: Int) -> Int {
        let table = neighbor.received[family]
        let swept = sweep(neighbor, table, limit: limit)
        return swept + reselect(neighbor, table, limit: limit - swept)
    }

    func isSweeping(_ neighbor: NeighborState) -> Bool {
        SessionFamily.allCases.contains { family in
            neighbor.received[family].sweep != nil || neighbor.received[family].reselection != nil
        }
    }
}
