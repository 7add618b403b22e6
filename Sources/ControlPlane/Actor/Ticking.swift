import CTableLayout
import NIOCore
import Routing

extension ControlPlane {
    /// Starts the periodic work: packets and records at their pace, timers ten times a second, the rest once a second, and
    /// what was lost once a minute.
    func startTicking() {
        let work: [(TimeAmount, @Sendable (isolated ControlPlane) -> Void)] = [
            (.milliseconds(100), { $0.advanceTimers() }),
            (.seconds(1), { $0.lookAround() }),
            (
                .seconds(60),
                {
                    $0.accessLogging.reportMissed()
                    $0.counters.report()
                    $0.sessions.reportWaiting()
                    $0.labels.reportChanges()
                    $0.reportLeftOutLines()
                }
            ),
        ]
        for (interval, body) in work {
            schedule.every(interval) { [weak self] in self?.assumeIsolated(body) }
        }
        poll()
    }

    /// Takes what has come, now and again after each pause until the process stops.
    private func poll() {
        guard !schedule.isStopped else { return }
        if punts.poll() { schedule.hurry() }
        followNextHops()
        if flowExporters.poll(dataplane.reader, into: control) { schedule.hurry() }
        if accessLogging.poll() { schedule.hurry() }
        schedule.pollAgain { [weak self] in self?.assumeIsolated { $0.poll() } }
    }

    private func advanceTimers() {
        neighbors.advance()
        if let deadline = routing.nextDeadline, deadline <= clock.timestamp() { handle(.timePassed) }
        removeExpiredLabels()
        tables.sweepServices()
        if schedule.isPlacingRoutes { placeWaitingRoutes() }
        lookAtPorts()
        followNextHops()
        _ = tables.attachCompiledLists(
            now: clock.now, compiled: dataplane.accessListsCompiled(in: tables.writer.generation))
        publication.commit()
    }

    private func lookAround() {
        control.setHeartbeat(seconds: UInt64(clamping: WallClock.secondsSince1970))
        dataplane.refresh()
        retryLabels()
        flowExporters.advance(now: clock.now)
        accessLogging.advance()
        if tables.isToBeAppliedAgain { tables.apply(plan) }
        placeWaitingRoutes()
        operatorCounters.noticeReset()
        routePages.forgetUnused(now: clock.now)
        bgpRoutePages.forgetUnused(now: clock.now)
        receivedLabelPages.forgetUnused(now: clock.now)
        if tables.writer.isPublished { neighbors.updateMirror() }
        publication.removeOldGenerations()
        problemLog.reportSilence()
        punts.expireFragments()
        kernel.closeLeft(now: clock.now)
        engine.advance()
        metrics.advance()
        logCollectors.advance(now: clock.now)
        sessions.listenAgain()
        let search = AlarmSearch(
            index: index, tables: tables, routing: routing, refusedLabels: labels.refused,
            missingNeighbors: neighbors.missingCount, kernel: kernel)
        lookAfterCommits()
        let findings = search.findings.merging(commitInForce.findings) { first, _ in first }
        alarms.update(
            findings.merging(metrics.findings) { first, _ in first }, secondsSince1970: WallClock.secondsSince1970)
        reportProblems()
        // Last: whatever of the above hangs, or the event loop before it, leaves the watchdog hungry.
        notification.feedWatchdog()
    }

    /// Ports that have come, gone, or shown their Ethernet address.
    private func lookAtPorts() {
        let hasLearnt = inForce.learnHardwareAddresses(from: dataplane, plan)
        if hasLearnt { replan() }
        let changed = dataplane.readPortStates(of: plan)
        let isJudgedAnew = dataplane.judgePorts(of: plan, now: clock.now)
        if isJudgedAnew { followPorts() }
        if isJudgedAnew { handle(.configure(routingInputsCompiler.inputs())) }
        for (index, state) in changed {
            let name = plan.ports[index]?.name.description ?? ""
            guard state == STILE_PORT_UP else {
                logger.warning(
                    "port is not up", metadata: ["port": "\(name)", "state": "\(dataplane.state(ofPort: index, plan))"])
                continue
            }
            logger.info("port up", metadata: ["port": "\(name)"])
            for interface in plan.interfaces.values where interface.port == index {
                neighbors.announceAddresses(of: interface.number)
            }
        }
    }

    /// Says what came into the log too often to be written.
    private func reportLeftOutLines() {
        for (message, count) in log.takeLeftOut() {
            logger.notice("lines of the log were left out", metadata: ["of": "\(message)", "count": "\(count)"])
        }
    }

    /// Writes to the log what could not be done.
    func reportProblems() { problemLog.report(tables.takeFailures(), omissions: plan.omissions) }

    /// Places routes that have found no room, a portion at a time; goes on at the next tick of the timers while there is
    /// room for more.
    private func placeWaitingRoutes() {
        let isMore = tables.retryWaitingRoutes { vrf, prefix in routing.action(for: prefix, in: vrf) }
        schedule.goOnPlacingRoutes(isMore)
        publication.commit()
        neighbors.meetNeeds()
    }
}
