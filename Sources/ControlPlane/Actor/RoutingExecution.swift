import Addressing
import BGP
import Routing

extension ControlPlane {
    /// How many prefixes are taken from routing at once.
    private static let batchPrefixes = 500
    /// How many routes are removed at once: some milliseconds' work, and then a little time for everything else.
    private static let sweptRoutes = 2000
    /// How many batches of prefixes all neighbors together are sent at once, behind the first of each.
    private static let batchesInATurn = 8
    /// How many labels that have waited are installed at once, and how many are removed.
    private static let labelsInATurn = 500
    /// How long a label stays valid at most once its withdrawals have been sent, to a neighbor that needs no KEEPALIVE.
    private static let longestRead = Duration.seconds(90)

    /// Tells routing of an event and carries out what follows from it, in order, with what follows from that.
    package func handle(_ event: RoutingEvent) {
        perform(routing.handle(event, now: clock.timestamp()))
        neighbors.meetNeeds()
        sweepSoon()
    }

    /// Goes on removing many routes when what has come in meanwhile has been dealt with.
    private func sweepSoon() {
        if routing.isSweeping { schedule.goOnSoon(with: .routes) }
    }

    /// Goes on with what is too much for one turn.
    func goOn(with portion: WorkSchedule.Portion) {
        switch portion {
        case .routes: sweep()
        case .labels:
            removeExpiredLabels()
            installReadyLabels()
        case .output: sendMore()
        }
    }

    private func sweep() {
        perform(routing.continueSweeping(limit: Self.sweptRoutes, now: clock.timestamp()))
        neighbors.meetNeeds()
        publication.commit()
        sweepSoon()
    }

    /// Carries out effects in the order given: a label is on disk before it is in the tables, and in the tables before
    /// a route with it leaves.
    private func perform(_ effects: [RoutingEffect]) {
        var installed: [LabelBinding] = []
        var removed: [LabelBinding] = []
        var hasOtherWays = false
        for effect in effects {
            switch effect {
            case .saveAllocations: saveAllocations()
            case .setSwap(let binding, let target): labels.setSwap(binding, target)
            case .setCopies(let binding, let targets): labels.setCopies(binding, targets)
            case .setWay(let binding, let way): labels.setWay(binding, way)
            case .installLabel(let binding): if install(binding) { installed.append(binding) }
            case .removeLabel(let binding, let removal):
                switch removal {
                case .atOnce:
                    labels.remove(binding)
                    removed.append(binding)
                case .whenWithdrawalsAreRead:
                    labels.removeLater(
                        binding, behind: sessions.mark(of: binding.neighbor), latest: clock.now + longestRead(binding))
                }
            case .setRoute(let vrf, let prefix, let action): tables.setRoute(vrf: vrf, prefix: prefix, action)
            case .removeRoute(let vrf, let prefix): tables.removeRoute(vrf: vrf, prefix: prefix)
            case .removeAllRoutes(let vrf): tables.removeAllRoutes(vrf: vrf)
            case .outputReady(let neighbor): send(to: neighbor)
            case .withdraw, .advertise, .endOfRIB, .beginRefresh, .endRefresh, .requestRefresh:
                sessions.transmit(effect)
            case .resetSession(let neighbor, let reason): sessions.reset(neighbor, reason)
            case .transportWanted: neighbors.nextHopHasCome()
            case .setWays(let prefix, let ways):
                transports.set(
                    .labelledUnicast, prefix, ways.map { LearntWay(nextHop: $0.nextHop, labels: $0.labels) })
                hasOtherWays = true
            case .tunnelsOffered(let providers):
                transports.setOffering(providers)
                hasOtherWays = true
            case .log(let event): logger.write(event, name: plan.name)
            case .converged: publish()
            }
        }
        if hasOtherWays { followTransports() }
        guard !installed.isEmpty || !removed.isEmpty else { return }
        publication.commit()
        if !installed.isEmpty { perform(routing.handle(.labelsInstalled(installed), now: clock.timestamp())) }
        if !removed.isEmpty { perform(routing.handle(.labelsRemoved(removed), now: clock.timestamp())) }
    }

    // MARK: Labels

    /// `false`: the label is not valid yet.
    private func install(_ binding: LabelBinding) -> Bool {
        guard !labels.install(binding) else { return true }
        // What waits for it is taken back; what waits for the disk alone is not.
        if labels.refused.contains(binding) {
            perform(routing.handle(.labelRefused(binding), now: clock.timestamp()))
        }
        return false
    }

    /// Tries again what could not be written or installed.
    func retryLabels() {
        if allocations.isToBeWrittenAgain { saveAllocations() }
        installReadyLabels()
    }

    private func installReadyLabels() {
        // There may be as many as routes.
        var installed: [LabelBinding] = []
        var isAnyRefused = false
        while installed.count < Self.labelsInATurn, !isAnyRefused, let binding = labels.takeNext() {
            // One that the tables still refuse goes behind the others; one report of that in a round is enough.
            if install(binding) { installed.append(binding) } else { isAnyRefused = true }
        }
        guard !installed.isEmpty else { return }
        publication.commit()
        perform(routing.handle(.labelsInstalled(installed), now: clock.timestamp()))
        sweepSoon()
        if !isAnyRefused, labels.areAnyWaiting { schedule.goOnSoon(with: .labels) }
    }

    /// Writes the allocations to disk; until that has worked no label is installed that is not there. What is asked for
    /// while a write goes on is written after it, all at once.
    func saveAllocations() {
        guard let write = allocations.beginWrite(labels: routing.labels, numbers: numbers) else { return }
        allocations.carriedOut(
            by: Task {
                do {
                    try await write.run()
                } catch {
                    _ = allocations.end(nil)
                    return logger.error(
                        "allocations cannot be saved: no new label is advertised", metadata: ["error": "\(error)"])
                }
                let isMoreToWrite = allocations.end(write)
                labels.noteSaved()
                if isMoreToWrite { saveAllocations() }
                installReadyLabels()
            })
    }

    /// Puts numbers on disk before they are in force: counters that appear under a number are its name's for good.
    func reserve(_ new: TableNumbers) async {
        guard allocations.reserve(new, besides: numbers) else { return }
        saveAllocations()
        await allocationsAreSaved()
    }

    /// Waits until what was to be saved is on disk, or could not be written.
    func allocationsAreSaved() async { await allocations.areSaved() }

    /// A neighbor that has not read the withdrawals for the hold time has no session any more.
    private func longestRead(_ binding: LabelBinding) -> Duration {
        let seconds = sessions.status(of: binding.neighbor)?.negotiated?.holdTimeSeconds ?? 0
        return seconds == 0 ? Self.longestRead : .seconds(seconds)
    }

    /// Makes the labels invalid whose withdrawals have had their time.
    func removeExpiredLabels() {
        let expired = labels.takeExpired(
            now: clock.now, delay: .seconds(configuration.mpls.labelWithdrawalSeconds), limit: Self.labelsInATurn,
            isAcknowledged: sessions.isAcknowledged)
        guard !expired.isEmpty else { return }
        for binding in expired { tables.remove(binding) }
        handle(.labelsRemoved(expired))
        publication.commit()
        if expired.count == Self.labelsInATurn { schedule.goOnSoon(with: .labels) }
    }

    // MARK: Sending

    /// Sends what routing has for a neighbor, as long as the neighbor takes it: a batch at once, and the rest in turn with
    /// all others that are owed more.
    private func send(to neighbor: PeerAddress) {
        if sendBatch(to: neighbor) { owedOutput.append(neighbor) }
        goOnWithOutput()
    }

    private func sendMore() {
        for _ in 0..<Self.batchesInATurn {
            guard let neighbor = owedOutput.popFirst() else { break }
            if sendBatch(to: neighbor) { owedOutput.append(neighbor) }
        }
        goOnWithOutput()
    }

    /// - Returns: whether there may be more that the neighbor takes.
    private func sendBatch(to neighbor: PeerAddress) -> Bool {
        guard !sessions.isCongested(neighbor) else { return false }
        let effects = routing.nextBatch(for: neighbor, limit: Self.batchPrefixes, now: clock.timestamp())
        perform(effects)
        return !effects.isEmpty || routing.isOutputOwed(to: neighbor)
    }

    private func goOnWithOutput() {
        if !owedOutput.isEmpty { schedule.goOnSoon(with: .output) }
        sweepSoon()
    }

    // MARK: Receiving

    /// What the speaker reports of a neighbor.
    func receive(_ event: NeighborEvent, from neighbor: PeerAddress) {
        sessions.note(event, of: neighbor, obstacle: sessionObstacles.obstacle(towards: neighbor))
        switch event {
        case .readyToSend:
            if !schedule.isStopped { send(to: neighbor) }
            return
        case .attemptFailed, .fault: return
        case .established: neighbors.nextHopHasCome()
        default: break
        }
        // The tables stay as they are when the process stops: sessions that end now take no route away.
        guard !schedule.isStopped, let routingEvent = RoutingEvent(event, of: neighbor) else { return }
        handle(routingEvent)
    }
}
