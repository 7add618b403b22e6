import Addressing
import BGP
import ControlProtocol
import NIOCore
import Routing

extension ControlPlane {
    /// Packets per second, interface and worker for each `stile_punt_class`, and for what known neighbors say of
    /// themselves (4,096 neighbors of an interface are each confirmed twice a minute). A bucket holds a twentieth of a
    /// second's packets: what one interface can put into the punt ring at once leaves most of it to the others.
    private static let puntRates: [UInt32] = [200, 200, 4000, 200, 200, 500, 1000, 2000, 500]
    /// Packets per second and worker of all interfaces in the classes that anybody can provoke: few enough that floods on
    /// many interfaces leave the process time for BGP.
    private static let puntSumRate: UInt32 = 5000
    /// ICMP errors per second, interface and worker.
    private static let icmpRate: UInt32 = 100

    /// Starts everything: the TUN device, BGP, the control socket, the timers.
    /// - Throws: ``ControlPlaneStartError`` if BGP or the control socket cannot listen.
    public func start() async throws {
        schedule.everyPortion { [weak self] portion in self?.assumeIsolated { $0.goOn(with: portion) } }
        logCollectors.apply(configuration, host: hostname)
        logCollectors.follow(log)
        control.setRates(punt: Self.puntRates, puntSum: Self.puntSumRate, icmp: Self.icmpRate)
        kernel.follow(plan, now: clock.now)
        hostDevices.follow(plan)
        engine.onChange = { [weak self] in self?.assumeIsolated { $0.followTransports() } }
        engine.follow(configuration.routingEngine, hostDevices.interfaces)
        try await sessions.begin(
            identifier: routerIdentifier(), isWanted: configuration.bgp != nil, by: kernel.defaultDomain
        ) {
            [weak self] neighbor, event in
            self?.assumeIsolated { $0.receive(event, from: neighbor) }
        }
        // Nobody else commits anything before what the process starts with is a commit.
        await commitTurn.take()
        try await socket.open { [weak self] request, caller in
            guard let self else { return .failure(ControlError(.refused, "stiled is stopping")) }
            return await self.answer(request, from: caller)
        }
        for finding in allocations.findings { logger.warning("\(finding)") }
        saveAllocations()
        await allocationsAreSaved()
        operatorCounters.save()
        if let start = takeStart() { await commitStart(start) }
        commitTurn.end()
        sessions.setRestarting(isRestart)
        handle(.configure(routingInputsCompiler.inputs()))
        let neighbors = bgpNeighbors()
        listen(to: neighbors)
        for neighbor in neighbors { sessions.configure(neighbor) }
        flowExporters.apply(configuration, plan: plan)
        metrics.open { [weak self] in await self?.metricsText() ?? ByteBuffer() }
        metrics.follow(configuration.metrics)
        accessLogging.apply(configuration)
        reportProblems()
        startTicking()
        await allocationsAreSaved()
        logger.info(
            "started", metadata: ["generation": "\(tables.writer.generation)", "restart": "\(isRestart)"])
    }

    /// Stops in order. The tables stay as they are, and packets go on being forwarded. Neighbors with graceful restart
    /// see the connection end without a word and keep our routes; the others are told.
    public func stop() async {
        schedule.stop()
        sessions.stop(bgpNeighbors())
        // The kernel's last packets have to leave by the data plane.
        for _ in 0..<10 {
            _ = punts.poll()
            _ = flowExporters.poll(dataplane.reader, into: control)
            try? await Task.sleep(for: .milliseconds(10))
        }
        accessLogging.end()
        engine.stop()
        metrics.stop()
        _ = try? await flowExporters.stop().get()
        await socket.close()
        await allocationsAreSaved()
        kernel.close()
        hostDevices.close()
        logger.info("stopped; the data plane goes on with the tables that it has")
        // The last lines are passed on in another turn.
        await Task.yield()
        logCollectors.stop()
    }

    /// Listens in the VRFs of the neighbors.
    func listen(to neighbors: [NeighborConfiguration]) {
        sessions.listen(in: Set(neighbors.compactMap(\.domain).filter { $0.vrf != nil }))
    }

    func bgpNeighbors() -> [NeighborConfiguration] {
        BGPNeighborCompiler(index: index, plan: plan, port: options.bgpPort, linkName: options.tunName).neighbors()
    }

    func routerIdentifier() -> IPv4Address {
        BGPNeighborCompiler.routerIdentifier(of: configuration)
    }

    var routingInputsCompiler: RoutingInputsCompiler {
        let dataplane = dataplane
        return RoutingInputsCompiler(index: index, plan: plan) { interface in
            interface.isInstallable && dataplane.isUsable(port: interface.port)
        }
    }

    /// Lets the data plane go over to the tables, which hold what the neighbors have sent.
    func publish() {
        neighbors.updateMirror()
        sessions.setRestarting(false)
        publication.publish()
    }
}
