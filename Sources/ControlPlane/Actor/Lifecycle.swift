import Addressing
import BGP
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables
import Glibc
import NIOCore
import Routing

extension ControlPlane {
    /// Packets per second, interface and worker for each `stile_punt_class`, and for what known neighbors say of
    /// themselves (4,096 neighbors of an interface are each confirmed twice a minute). A bucket holds a twentieth of a
    /// second's packets: what one interface can put into the punt ring at once leaves most of it to the others.
    private static let puntRates: [UInt32] = [200, 200, 4000, 200, 200, 500, 1000, 500]
    /// Packets per second and worker of all interfaces in the classes that anybody can provoke: few enough that floods on
    /// many interfaces leave the process time for BGP.
    private static let puntSumRate: UInt32 = 5000
    /// ICMP errors per second, interface and worker.
    private static let icmpRate: UInt32 = 100

    /// Starts everything: the TUN device, BGP, the control socket, the timers.
    /// - Throws: ``ControlPlaneStartError`` if BGP or the control socket cannot listen.
    public func start() async throws {
        control.setRates(punt: Self.puntRates, puntSum: Self.puntSumRate, icmp: Self.icmpRate)
        openKernelLink()
        try await sessions.begin(identifier: routerIdentifier(), isWanted: configuration.bgp != nil) {
            [weak self] neighbor, event in
            self?.assumeIsolated { $0.receive(event, from: neighbor) }
        }
        do {
            server = try await ControlServer.start(socketPath: options.socketPath, group: group) {
                [weak self] request in
                guard let self else { return .failure(ControlError(.refused, "stiled is stopping")) }
                return await self.answer(request)
            }
        } catch {
            throw ControlPlaneStartError.controlSocket(path: options.socketPath, "\(error)")
        }
        for finding in allocations.findings { logger.warning("\(finding)") }
        saveAllocations()
        await allocationsAreSaved()
        operatorCounters.save()
        await runningConfigurationFile.save(configuration.canonicalText, ofPlan: plansMade)
        sessions.setRestarting(isRestart)
        handle(.configure(routingInputsCompiler.inputs()))
        for neighbor in bgpNeighbors() { sessions.configure(neighbor) }
        flowExporters.apply(configuration, plan: plan)
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
        isStopping = true
        for tick in ticks { tick.cancel() }
        ticks = []
        sessions.stop(bgpNeighbors())
        // The kernel's last packets have to leave by the data plane.
        for _ in 0..<10 {
            pollPackets()
            _ = flowExporters.poll(dataplane.reader, into: control)
            try? await Task.sleep(for: .milliseconds(10))
        }
        accessLogging.end()
        _ = try? await flowExporters.stop().get()
        await server?.close()
        server = nil
        await allocationsAreSaved()
        kernel?.deallocate()
        kernel = nil
        logger.info("stopped; the data plane goes on with the tables that it has")
    }

    private func openKernelLink() {
        guard let name = options.tunName else { return }
        let mtu = plan.interfaces.values.filter { $0.kind == .nni }.map(\.mtu).min() ?? 1500
        do {
            kernel = KernelLink(device: try TUNDevice(name: name, mtu: max(1280, mtu)))
            applyKernelLink()
        } catch {
            logger.error(
                "no TUN device: BGP over the NNIs is not possible (CAP_NET_ADMIN is needed)",
                metadata: ["error": "\(error)"])
        }
    }

    func applyKernelLink() {
        for error in kernel?.apply(plan) ?? [] {
            logger.error("the kernel refused an address of an NNI", metadata: ["error": "\(error)"])
        }
    }

    func bgpNeighbors() -> [NeighborConfiguration] {
        BGPNeighborCompiler(index: index, port: options.bgpPort).neighbors()
    }

    func routerIdentifier() -> IPv4Address {
        BGPNeighborCompiler(index: index, port: options.bgpPort).routerIdentifier()
    }

    var routingInputsCompiler: RoutingInputsCompiler {
        let dataplane = dataplane
        return RoutingInputsCompiler(index: index, plan: plan) { interface in
            interface.isInstallable && dataplane.isUsable(port: interface.port)
        }
    }

    // MARK: Publishing

    /// Makes the filled generation the current one. The one before it goes when the data plane has left it.
    func publish() {
        let writer = tables.writer
        mirror.update(
            writer, from: neighbors.table, secondsSince1970: UInt64(clamping: WallClock.secondsSince1970))
        sessions.setRestarting(false)
        guard !writer.isPublished else { return }
        writer.markPublished()
        do {
            try control.publish(generation: writer.generation, tablesPath: writer.path)
            logger.info("tables published", metadata: ["generation": "\(writer.generation)"])
        } catch {
            logger.critical("the tables cannot be published", metadata: ["error": "\(error)"])
        }
    }

    /// Ends a batch of changes: what was made unreachable is reused when all workers have passed this point.
    func commit() {
        tables.writer.closeEpoch(control.advanceEpoch())
        // A data plane that has come since the last look has workers too. It has to be looked for after the epoch has
        // ended: one that comes later sees nothing of what was made unreachable.
        dataplane.refresh()
        tables.writer.reclaim(passed: dataplane.reader?.oldestEpoch ?? .max)
    }

    /// Deletes tables that nobody can be reading: all but the current generation and the one being filled, once the
    /// data plane uses the current one or is not there.
    func removeOldGenerations() {
        let current = control.currentGeneration
        guard tables.writer.isPublished, current == tables.writer.generation,
            !dataplane.isAlive || dataplane.reader?.generationInUse == current
        else { return }
        for directory in [options.runtimeDirectory, options.hugepageDirectory].compactMap({ $0 }) {
            for name in DirectoryListing.names(in: directory) {
                guard name.hasPrefix("tables."), let generation = UInt64(name.dropFirst("tables.".count)),
                    generation != current
                else { continue }
                unlink("\(directory)/\(name)")
            }
        }
    }
}
