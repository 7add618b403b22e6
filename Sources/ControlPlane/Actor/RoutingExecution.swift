import Addressing
import BGP
import NIOCore
import Routing

extension ControlPlane {
    /// How many prefixes are taken from routing at once.
    private static let batchPrefixes = 500
    /// How many routes are removed at once: some milliseconds' work, and then a little time for everything else.
    private static let sweptRoutes = 2000
    private static let sweepPause = TimeAmount.milliseconds(1)
    /// How long a label stays valid at most once its withdrawals have been sent, to a neighbor that needs no KEEPALIVE.
    private static let longestRead = Duration.seconds(90)

    /// Tells routing of an event and carries out what follows from it, in order, with what follows from that.
    package func handle(_ event: RoutingEvent) {
        perform(routing.handle(event, now: clock.timestamp()))
        meetNeeds()
        sweepSoon()
    }

    /// Goes on removing many routes when what has come in meanwhile has been dealt with.
    private func sweepSoon() {
        guard !isSweepScheduled, routing.isSweeping else { return }
        isSweepScheduled = true
        eventLoop.scheduleTask(in: Self.sweepPause) { [weak self] in
            self?.assumeIsolated { $0.sweep() }
        }
    }

    private func sweep() {
        isSweepScheduled = false
        perform(routing.continueSweeping(limit: Self.sweptRoutes, now: clock.timestamp()))
        meetNeeds()
        commit()
        sweepSoon()
    }

    /// Carries out effects in the order given: a label is on disk before it is in the tables, and in the tables before
    /// a route with it leaves.
    private func perform(_ effects: [RoutingEffect]) {
        var removed: [LabelBinding] = []
        for effect in effects {
            switch effect {
            case .saveAllocations: saveAllocations()
            case .installLabel(let binding): install(binding)
            case .removeLabel(let binding, let removal):
                waitingBindings.removeAll { $0 == binding }
                refusedBindings.remove(binding)
                expiringLabels.remove(binding)
                switch removal {
                case .atOnce:
                    tables.remove(binding)
                    removed.append(binding)
                case .whenWithdrawalsAreRead:
                    expiringLabels.add(
                        binding, behind: speaker?.mark(of: binding.neighbor), latest: clock.now + longestRead(binding))
                }
            case .setRoute(let vrf, let prefix, let action): tables.setRoute(vrf: vrf, prefix: prefix, action)
            case .removeRoute(let vrf, let prefix): tables.removeRoute(vrf: vrf, prefix: prefix)
            case .removeAllRoutes(let vrf): tables.removeAllRoutes(vrf: vrf)
            case .outputReady(let neighbor): send(to: neighbor)
            case .withdraw, .advertise, .endOfRIB, .beginRefresh, .endRefresh, .requestRefresh: transmit(effect)
            case .resetSession(let neighbor, let reason): reset(neighbor, reason)
            case .log(let event): log(event)
            case .converged: publish()
            }
        }
        guard !removed.isEmpty else { return }
        commit()
        for binding in removed { perform(routing.handle(.labelRemoved(binding), now: clock.timestamp())) }
    }

    // MARK: Labels

    func install(_ binding: LabelBinding) {
        guard allocationsStore.isOnDisk(binding) else {
            waitingBindings.append(binding)
            return
        }
        guard tables.install(binding) else {
            // Without an entry the label is not said: routing waits for the confirmation.
            waitingBindings.append(binding)
            guard refusedBindings.insert(binding).inserted else { return }
            logger.error(
                "a label could not be installed",
                metadata: [
                    "vrf": "\(binding.vrf)", "neighbor": "\(binding.neighbor)", "nni": "\(binding.nni)",
                    "label": "\(binding.label)",
                ])
            return
        }
        refusedBindings.remove(binding)
        commit()
        perform(routing.handle(.labelInstalled(binding), now: clock.timestamp()))
    }

    /// A neighbor that has not read the withdrawals for the hold time has no session any more.
    private func longestRead(_ binding: LabelBinding) -> Duration {
        let seconds = speaker?.status(of: binding.neighbor)?.negotiated?.holdTimeSeconds ?? 0
        return seconds == 0 ? Self.longestRead : .seconds(seconds)
    }

    /// Makes the labels invalid whose withdrawals have had their time.
    func removeExpiredLabels() {
        let expired = expiringLabels.takeExpired(
            now: clock.now, delay: .seconds(configuration.mpls.labelWithdrawalSeconds)
        ) { speaker?.isAcknowledged($0) ?? false }
        guard !expired.isEmpty else { return }
        for binding in expired {
            tables.remove(binding)
            handle(.labelRemoved(binding))
        }
        commit()
    }

    // MARK: Sending

    /// Sends what routing has for a neighbor, for as long as the neighbor takes it.
    func send(to neighbor: IPAddress) {
        while !congested.contains(neighbor) {
            let effects = routing.nextBatch(for: neighbor, limit: Self.batchPrefixes, now: clock.timestamp())
            guard !effects.isEmpty else { return }
            perform(effects)
        }
    }

    private func transmit(_ effect: RoutingEffect) {
        guard let speaker else { return }
        do {
            switch effect {
            case .withdraw(let neighbor, let prefixes):
                note(try speaker.send(Update(withdrawing: prefixes), to: neighbor), of: neighbor)
            case .advertise(let neighbor, let attributes, let routes):
                try advertise(routes, attributes, to: neighbor, by: speaker)
            case .endOfRIB(let neighbor, let family):
                note(speaker.sendEndOfRIB(family, to: neighbor), of: neighbor)
            case .beginRefresh(let neighbor, let family):
                note(
                    speaker.send(RouteRefreshMessage(family: family, subtype: .beginning), to: neighbor), of: neighbor)
            case .endRefresh(let neighbor, let family):
                note(speaker.send(RouteRefreshMessage(family: family, subtype: .end), to: neighbor), of: neighbor)
            case .requestRefresh(let neighbor, let family):
                note(speaker.send(RouteRefreshMessage(family: family), to: neighbor), of: neighbor)
            default: return
            }
        } catch {
            logger.error("routes cannot be sent", metadata: ["error": "\(error)"])
        }
    }

    /// Routes whose attributes fit into no message of the session are withdrawn: what the neighbor was told of them
    /// before is not true any more (RFC 8654 §4).
    private func advertise(
        _ routes: [AnnouncedRoute], _ attributes: PathAttributes, to neighbor: IPAddress, by speaker: BGPSpeaker
    ) throws(UpdateEncodingError) {
        do {
            note(try speaker.send(Update(announcing: routes, attributes: attributes), to: neighbor), of: neighbor)
        } catch {
            logger.error(
                "routes cannot be advertised",
                metadata: ["neighbor": "\(neighbor)", "routes": "\(routes.count)", "error": "\(error)"])
            note(try speaker.send(Update(withdrawing: routes.map(\.nlri)), to: neighbor), of: neighbor)
        }
    }

    private func note(_ outcome: SendOutcome, of neighbor: IPAddress) {
        if outcome == .congested { congested.insert(neighbor) }
    }

    private func reset(_ neighbor: IPAddress, _ reason: SessionResetReason) {
        switch reason {
        case .maximumPrefixesReached(let family, let limit, let time):
            let (duration, until): (Duration?, String) =
                switch time {
                case .untilCleared: (nil, "until it is cleared")
                case .seconds(let seconds): (.seconds(Int(seconds)), "for \(seconds) s")
                }
            logger.error(
                "maximum-prefix exceeded: the session stays down \(until)",
                metadata: ["neighbor": "\(neighbor)", "family": "\(family)", "limit": "\(limit)"])
            speaker?.holdDown(neighbor, .maximumPrefixesReached(family: family, limit: limit), for: duration)
        case .configurationChanged: speaker?.reset(neighbor, .cease(.otherConfigurationChange))
        }
    }

    // MARK: Receiving

    /// What the speaker reports of a neighbor.
    func receive(_ event: NeighborEvent, from neighbor: IPAddress) {
        switch event {
        case .readyToSend:
            congested.remove(neighbor)
            if !isStopping { send(to: neighbor) }
            return
        case .established(let session):
            congested.remove(neighbor)
            sessionFailureLog.forget(neighbor)
            sessionHistory[neighbor, default: SessionHistory(changedAt: 0)].changedAt = WallClock.secondsSince1970
            logger.info(
                "BGP session up",
                metadata: ["neighbor": "\(neighbor)", "families": "\(session.families.sorted())"])
            saveEstablished(adding: neighbor)
            nextHopsHaveChanged = true
        case .down(let reason, _):
            congested.remove(neighbor)
            let now = WallClock.secondsSince1970
            sessionHistory[neighbor] = SessionHistory(
                changedAt: now, lastDownReason: reason.description, lastDownAt: now)
            logger.warning("BGP session down", metadata: ["neighbor": "\(neighbor)", "reason": "\(reason)"])
            if !isStopping { saveEstablished(removing: neighbor) }
        case .familyDisabled(let family): logDisabled(family, of: neighbor)
        case .attemptFailed(let reason):
            sessionFailureLog.add(
                reason, obstacle: obstacle(towards: neighbor), of: neighbor, now: clock.now, to: logger)
            return
        case .fault(let fault):
            updateFaultLog.add(fault, of: neighbor, now: clock.now, to: logger)
            return
        default: break
        }
        // The tables stay as they are when the process stops: sessions that end now take no route away.
        guard !isStopping, let routingEvent = RoutingEvent(event, of: neighbor) else { return }
        handle(routingEvent)
    }

    /// Keeps on disk which sessions are up: after a restart these are waited for, and no others.
    private func saveEstablished(adding added: IPAddress? = nil, removing removed: IPAddress? = nil) {
        guard let speaker else { return }
        var up = Set(speaker.neighbors.filter { speaker.status(of: $0)?.state == .established })
        if let added { up.insert(added) }
        if let removed { up.remove(removed) }
        let text = up.sorted().map { "\($0)\n" }.joined()
        do {
            try DurableFile.replace(options.establishedPath, with: Array(text.utf8))
        } catch {
            logger.warning("the list of sessions cannot be saved", metadata: ["error": "\(error)"])
        }
    }
}
