import Addressing
import BGP

/// Sessions that come and go, and the routes of neighbors that restart (RFC 4724 §4.2).
struct NeighborSessions {
    let context: RoutingContext
    let vrfs: VRFTables
    let revision: RouteRevision
    let limits: LimitEnforcement
    let sweeping: RouteSweeping
    let labelling: LabelLifecycle
    let advertising: RouteAdvertising
    let reflection: RouteReflection
    let relay: RouteRelay
    let labelled: LabelledRelay
    let signalling: SignallingRelay
    let membership: MembershipFollowing

    func establish(_ neighbor: NeighborState, _ session: SessionParameters) {
        if neighbor.session != nil { takeDown(neighbor, keeping: nil) }
        neighbor.begin(session)
        labelling.install(for: neighbor)
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            table.begin()
            guard session.families.contains(family) else {
                sweeping.sweepAll(neighbor, family)
                continue
            }
            neighbor.advertised.begin(family)
            guard table.holdsStaleRoutes else { continue }
            // RFC 4724 §4.2: without the Forwarding State bit the neighbor has lost what it forwarded by.
            if session.gracefulRestart?.forwardingPreserved[family.identifier] == true {
                table.awaitRepetition()
            } else {
                sweeping.removeStale(neighbor, family)
            }
        }
        membership.begin(neighbor)
        advertising.membership.followSessions()
        advertising.membership.enqueue(for: neighbor)
        advertising.enqueueRoutesOfVRFs(for: neighbor)
        reflection.enqueueRoutes(for: neighbor)
        relay.enqueueRoutes(for: neighbor)
        labelled.enqueueRoutes(for: neighbor)
        signalling.enqueueRoutes(for: neighbor)
        advertising.enqueueLoopbacks(for: neighbor)
        neighbor.advertised.requestSignal()
    }

    /// - Parameter isForgotten: whether the neighbor has dropped our routes with the session.
    func takeDown(
        _ neighbor: NeighborState, keeping restart: GracefulRestartCapability?, isForgotten: Bool = false
    ) {
        guard let session = neighbor.session else { return }
        // RFC 4724 §4.2: with graceful restart the neighbor goes on using our routes for the restart time that we
        // announced; without it, and after a hard reset, they are gone with the session.
        let seconds = session.gracefulRestart == nil || isForgotten ? 0 : neighbor.inputs.announcedRestartSeconds
        let wasReviewing = advertising.isReviewing(neighbor)
        neighbor.end(labelsEnd: seconds == 0 ? nil : context.now.advanced(bySeconds: seconds))
        if seconds == 0 {
            labelling.end(for: neighbor)
        } else {
            labelling.noteAway(neighbor)
            if wasReviewing { advertising.reviewAway(neighbor) }
        }
        advertising.membership.followSessions()
        // The operator's word counts, whatever the two sides had agreed on when the session came up.
        let restart = neighbor.inputs.keepsRoutesOverRestarts ? restart : nil
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            // RFC 4724 §4.2: what was stale already when the session ends again goes.
            if table.holdsStaleRoutes { sweeping.removeStale(neighbor, family) }
            guard let restart, restart.forwardingPreserved.keys.contains(family.identifier),
                session.families.contains(family), table.heldCount > 0
            else {
                sweeping.sweepAll(neighbor, family)
                continue
            }
            let limit = context.inputs.staleRetentionSeconds
            table.keepStale(
                until: context.now.advanced(bySeconds: min(limit, UInt32(restart.restartTimeSeconds))),
                atMost: context.now.advanced(bySeconds: limit))
            context.log(.staleRoutesKept(neighbor: neighbor.peer, family.identifier, count: table.heldCount))
        }
    }

    /// Removes what is kept over a restart of the neighbor, whether it is back or not.
    func flushStale(_ neighbor: NeighborState) {
        for family in SessionFamily.allCases where neighbor.received[family].holdsStaleRoutes {
            sweeping.removeStale(neighbor, family)
        }
    }

    /// Ends the session from our side.
    func reset(_ neighbor: NeighborState, _ reason: SessionResetReason) {
        guard neighbor.session != nil else { return }
        context.add(.resetSession(neighbor: neighbor.peer, reason))
        takeDown(neighbor, keeping: nil, isForgotten: true)
    }

    func disable(_ neighbor: NeighborState, _ family: SessionFamily) {
        neighbor.received[family].disable()
        sweeping.sweepAll(neighbor, family)
        // What it wants is not known any more: it gets what it would get without the family.
        if family == .routeTargets { membership.openUp(to: neighbor) }
    }

    /// The time for which routes or labels were kept may be over.
    func passTime(_ neighbor: NeighborState) {
        for family in SessionFamily.allCases {
            guard let deadline = neighbor.received[family].staleDeadline, deadline <= context.now else { continue }
            sweeping.removeStale(neighbor, family)
        }
        membership.passTime(neighbor)
        if let end = neighbor.labelsEnd, end <= context.now {
            neighbor.endLabels()
            labelling.end(for: neighbor)
        }
    }

    func nextDeadline(of neighbor: NeighborState) -> Instant? {
        let staleDeadlines = SessionFamily.allCases.map { neighbor.received[$0].staleDeadline }
        return (staleDeadlines + [neighbor.labelsEnd, neighbor.membership.waitsUntil]).compactMap { $0 }.min()
    }

    /// A neighbor's inputs are others.
    ///
    /// - Parameter isAnother: whether it is another neighbor, whatever they say.
    func configure(_ neighbor: NeighborState, _ new: NeighborInputs, isAnother: Bool) {
        let former = neighbor.inputs
        if isAnother || former.remoteAutonomousSystem != new.remoteAutonomousSystem || former.nni != new.nni
            || former.localAddress != new.localAddress || former.circuit != new.circuit
        {
            reset(neighbor, .configurationChanged)
            for family in SessionFamily.allCases { sweeping.removeAll(neighbor, family) }
            neighbor.endLabels()
        }
        neighbor.configure(new)
        if new.isShutdown {
            takeDown(neighbor, keeping: nil)
            neighbor.endLabels()
        }
        if !new.keepsRoutesOverRestarts { flushStale(neighbor) }
        revision.configure(neighbor, unlike: former)
        for family in SessionFamily.allCases {
            if let reason = limits.enforcePrefixLimit(family, on: neighbor, unlike: former) {
                reset(neighbor, reason)
            }
        }
        limits.enforceHoldings(on: neighbor)
    }

    /// A neighbor is not among the inputs any more: nobody goes on using what it was told, whether it was away for a restart
    /// or not.
    func remove(_ neighbor: NeighborState) {
        takeDown(neighbor, keeping: nil, isForgotten: true)
        if neighbor.labelsEnd != nil {
            neighbor.endLabels()
            labelling.end(for: neighbor)
        }
        for family in SessionFamily.allCases { sweeping.removeAll(neighbor, family) }
    }
}
