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
                    $0.reportCounters()
                    $0.speaker?.reportWaitingSessions()
                }
            ),
        ]
        ticks = work.map { interval, body in
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
                self?.assumeIsolated(body)
            }
        }
        poll()
    }

    /// Takes what has come, now and again after each pause until the process stops.
    private func poll() {
        guard !isStopping else { return }
        pollPackets()
        followNextHops()
        pollFlows()
        pollAccessLog()
        eventLoop.scheduleTask(in: pollPace.nextPause()) { [weak self] in
            self?.assumeIsolated { $0.poll() }
        }
    }

    private func advanceTimers() {
        perform(neighbors.table.advance(now: clock.now))
        if let deadline = routing.nextDeadline, deadline <= clock.timestamp() { handle(.timePassed) }
        removeExpiredLabels()
        tables.sweepServices()
        if isPlacingRoutes { placeWaitingRoutes() }
        lookAtPorts()
        followNextHops()
        _ = tables.attachCompiledLists(
            now: clock.now, compiled: dataplane.accessListsCompiled(in: tables.writer.generation))
        commit()
    }

    private func lookAround() {
        control.setHeartbeat(seconds: UInt64(clamping: WallClock.secondsSince1970))
        dataplane.refresh()
        retryWaitingBindings()
        flowExporters.advance(now: clock.now, exportSeconds: Self.exportSeconds)
        advanceAccessLog()
        if tables.isToBeAppliedAgain { tables.apply(plan) }
        placeWaitingRoutes()
        noticeCounterReset()
        routeWalks.forgetUnused(now: clock.now)
        bgpRouteWalks.forgetUnused(now: clock.now)
        if tables.writer.isPublished {
            mirror.update(
                tables.writer, from: neighbors.table, secondsSince1970: UInt64(clamping: WallClock.secondsSince1970))
        }
        removeOldGenerations()
        reportSilence()
        reassembly.expire(now: clock.now)
        lookForAlarms()
        reportProblems()
    }

    /// Ports that have come, gone, or shown their Ethernet address.
    private func lookAtPorts() {
        let hasLearnt = dataplane.learnHardwareAddresses(into: &numbers, plan: plan)
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
                perform(neighbors.table.announceAddresses(of: interface.number))
            }
        }
    }

    /// Writes to the log what the process itself has lost since it last said so.
    private func reportCounters() {
        reportMissedAccessLog()
        guard counters != reportedCounters else { return }
        reportedCounters = counters
        logger.notice(
            "packets that went nowhere, in all",
            metadata: [
                "punts_ignored": "\(counters.puntsIgnored)", "inject_ring_full": "\(counters.injectRingFull)",
                "held_packets_dropped": "\(counters.heldPacketsDropped)",
                "kernel_packets_ignored": "\(counters.kernelPacketsIgnored)",
            ])
    }

    /// Says once that the data plane hangs, and that it works again.
    private func reportSilence() {
        let silence = dataplane.silentSeconds(now: WallClock.secondsSince1970)
        guard (silence != nil) != hasReportedSilence else { return }
        hasReportedSilence = silence != nil
        if let silence {
            logger.error(
                "the data plane shows no sign of life: it is stopped or hangs", metadata: ["seconds": "\(silence)"])
        } else {
            logger.info("the data plane works again, or has ended")
        }
    }

    /// Writes to the log what could not be done.
    func reportProblems() {
        for failure in tables.takeFailures() + plan.omissions where !reportedOmissions.contains(failure) {
            logger.error("\(failure)")
            if plan.omissions.contains(failure) { reportedOmissions.insert(failure) }
        }
        if let problem = dataplane.problem, dataplane.reader == nil, problem != reportedProblem {
            reportedProblem = problem
            logger.info("no data plane: \(problem)")
        }
    }
}
