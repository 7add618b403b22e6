import Addressing
import BGP

/// Work that is done in portions, so that events do not wait for it.
extension RoutingTable {
    /// So many routes are removed at once; more in portions.
    static let routesRemovedAtOnce = 1000

    /// Whether there is work for ``continueSweeping(limit:now:)``.
    public var isSweeping: Bool {
        neighbors.values.contains { neighbor in
            AddressFamily.allCases.contains { family in
                neighbor.family(family).sweep != nil || neighbor.family(family).reselection != nil
            }
        }
    }

    /// Removes the next routes of sessions that are lost, or that were not repeated after a restart, and chooses anew
    /// among routes whose next hops have come or gone. To be called again, after other work, for as long as
    /// ``isSweeping`` says so.
    ///
    /// - Parameter limit: the number of routes that are looked at, at least 1.
    public func continueSweeping(limit: Int, now: Instant) -> [RoutingEffect] {
        self.now = now
        var left = max(1, limit)
        for neighbor in neighborsInOrder {
            for family in AddressFamily.allCases where left > 0 {
                left -= sweep(neighbor, family, limit: left)
                left -= reselect(neighbor, family, limit: left)
            }
        }
        finishWithdrawals()
        signalOutput()
        defer { effects = [] }
        return effects
    }

    /// Begins to remove the routes that were not announced since the present generation began.
    ///
    /// - Returns: how many there are.
    @discardableResult
    func beginSweep(_ neighbor: NeighborState, _ family: AddressFamily) -> Int {
        let state = neighbor.family(family)
        // An earlier sweep's routes are older still, and so among these.
        state.sweep = nil
        let sweep = RouteSweep(state)
        guard sweep.routesLeft > 0 else { return 0 }
        state.sweep = sweep
        if sweep.routesLeft <= Self.routesRemovedAtOnce {
            _ = self.sweep(neighbor, family, limit: sweep.routesLeft)
        }
        return sweep.routesLeft
    }

    /// - Returns: how many routes were looked at.
    private func sweep(_ neighbor: NeighborState, _ family: AddressFamily, limit: Int) -> Int {
        let state = neighbor.family(family)
        var looked = 0
        while looked < limit, let prefix = state.sweep?.popNext() {
            looked += 1
            guard let route = state.received[prefix], state.sweep?.removes(route) == true else { continue }
            removeReceived(prefix, from: neighbor)
        }
        guard state.sweep?.isOver == true else { return looked }
        state.sweep = nil
        // An emptied dictionary would keep its storage.
        if state.received.isEmpty { state.received = [:] }
        return looked
    }
}
