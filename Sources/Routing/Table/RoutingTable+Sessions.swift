import Addressing
import BGP

/// Sessions that come and go, and the routes of neighbors that restart (RFC 4724 §4.2).
extension RoutingTable {
    func establish(_ neighbor: NeighborState, _ session: SessionParameters) {
        if neighbor.session != nil { takeDown(neighbor, keeping: nil) }
        neighbor.session = session
        neighbor.labelsEnd = nil
        installLabels(of: neighbor)
        for family in AddressFamily.allCases {
            let state = neighbor.family(family)
            state.hasLeftOutRoutes = false
            state.hasLeftOutAttributes = false
            state.hasRefusedForLimits = false
            state.isDisabled = false
            guard session.families.contains(family) else {
                sweepAll(neighbor, family)
                continue
            }
            state.endOfRIBDue = true
            guard state.holdsStaleRoutes else { continue }
            // RFC 4724 §4.2: without the Forwarding State bit the neighbor has lost what it forwarded by.
            if session.gracefulRestart?.forwardingPreserved[.vpn(family)] == true {
                state.staleDeadline = state.staleLimit
            } else {
                removeStale(neighbor, family)
            }
        }
        convergeWith(neighbor, session)
        for vrf in vrfs.values.sorted(by: { $0.name < $1.name }) { enqueueRoutes(of: vrf, for: neighbor) }
        neighbor.needsSignal = true
    }

    /// - Parameter isForgotten: whether the neighbor has dropped our routes with the session.
    func takeDown(
        _ neighbor: NeighborState, keeping restart: GracefulRestartCapability?, isForgotten: Bool = false
    ) {
        guard let session = neighbor.session else { return }
        neighbor.session = nil
        neighbor.forgetAdvertised()
        // RFC 4724 §4.2: with graceful restart the neighbor goes on using our routes for the restart time that we
        // announced; without it, and after a hard reset, they are gone with the session.
        let seconds = session.gracefulRestart == nil || isForgotten ? 0 : neighbor.inputs.announcedRestartSeconds
        neighbor.labelsEnd = seconds == 0 ? nil : now.advanced(bySeconds: seconds)
        if seconds == 0 { endLabels(of: neighbor) }
        // The operator's word counts, whatever the two sides had agreed on when the session came up.
        let restart = neighbor.inputs.keepsRoutesOverRestarts ? restart : nil
        for family in AddressFamily.allCases {
            let state = neighbor.family(family)
            // RFC 4724 §4.2: what was stale already when the session ends again goes.
            if state.holdsStaleRoutes { removeStale(neighbor, family) }
            guard let restart, restart.forwardingPreserved.keys.contains(.vpn(family)),
                session.families.contains(family), state.heldCount > 0
            else {
                sweepAll(neighbor, family)
                continue
            }
            state.beginGeneration()
            state.holdsStaleRoutes = true
            let limit = inputs.staleRetentionSeconds
            state.staleLimit = now.advanced(bySeconds: limit)
            state.staleDeadline = now.advanced(bySeconds: min(limit, UInt32(restart.restartTimeSeconds)))
            effects.append(
                .log(
                    .staleRoutesKept(
                        neighbor: neighbor.address, .vpn(family), count: state.heldCount)))
        }
    }

    /// Removes what is kept over a restart of the neighbor, whether it is back or not.
    func flushStale(_ neighbor: NeighborState) {
        for family in AddressFamily.allCases where neighbor.family(family).holdsStaleRoutes {
            removeStale(neighbor, family)
        }
    }

    /// Ends the session from our side.
    func reset(_ neighbor: NeighborState, _ reason: SessionResetReason) {
        guard neighbor.session != nil else { return }
        effects.append(.resetSession(neighbor: neighbor.address, reason))
        takeDown(neighbor, keeping: nil, isForgotten: true)
    }

    func disable(_ neighbor: NeighborState, _ family: AddressFamily) {
        neighbor.family(family).isDisabled = true
        sweepAll(neighbor, family)
    }

    /// Removes what was not announced again since the present generation began.
    func removeStale(_ neighbor: NeighborState, _ family: AddressFamily) {
        let state = neighbor.family(family)
        let count = beginSweep(neighbor, family)
        if state.holdsStaleRoutes, count > 0 {
            effects.append(.log(.staleRoutesRemoved(neighbor: neighbor.address, .vpn(family), count: count)))
        }
        state.holdsStaleRoutes = false
        state.staleDeadline = nil
    }

    /// Removes all routes, at once if they are few.
    private func sweepAll(_ neighbor: NeighborState, _ family: AddressFamily) {
        let state = neighbor.family(family)
        state.beginGeneration()
        beginSweep(neighbor, family)
        state.holdsStaleRoutes = false
        state.staleDeadline = nil
    }

    /// Removes all routes at once: what they depend on is about to be another.
    func removeAll(_ neighbor: NeighborState, _ family: AddressFamily) {
        let state = neighbor.family(family)
        state.sweep = nil
        for prefix in Array(state.received.keys) { removeReceived(prefix, from: neighbor) }
        // An emptied dictionary would keep its storage.
        state.received = [:]
        state.holdsStaleRoutes = false
        state.staleDeadline = nil
    }
}
