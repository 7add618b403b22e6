import BGP
import Configuration
import Routing

extension ControlPlane {
    /// Brings tables, neighbors and the kernel to a new plan.
    func apply(_ prepared: PreparedPlan) {
        let (compiler, changes) = (prepared.compiler, prepared.changes)
        let (numbersBefore, planBefore) = (numbers, plan)
        inForce.takePlan(with: compiler.numbers)
        // Another preparation may have put other numbers on disk meanwhile; what is in force goes there again.
        if allocations.endReservation(of: numbers) { saveAllocations() }
        operatorCounters.followNumbers(numbers, from: numbersBefore)
        tables.apply(compiler.plan, changes)
        neighbors.follow(changes, from: planBefore)
        // Routes lead there from the next event on.
        for gateway in plan.circuitGateways.subtracting(planBefore.circuitGateways) { neighbors.want(gateway) }
        kernel.follow(plan, now: clock.now)
        hostDevices.follow(plan)
        engine.follow(configuration.routingEngine, hostDevices.interfaces)
        flowExporters.apply(configuration, plan: plan)
        metrics.follow(configuration.metrics)
        logCollectors.apply(configuration, host: hostname)
        accessLogging.apply(configuration)
        publication.commit()
        neighbors.meetNeeds()
    }

    /// Puts a new configuration into force, all of it. What is the same in both sees no change.
    ///
    /// Additions come first and removals last: interfaces and VRFs are there before routes use them, and routing
    /// withdraws routes before their labels go.
    ///
    /// - Returns: what is in force no more, for the caller to let go of elsewhere: a large one takes a while.
    func replace(with new: PreparedConfiguration) -> FormerConfiguration {
        let former = FormerConfiguration(loaded: loaded, index: index, plan: plan, numbers: numbers)
        let oldNeighbors = Set(bgpNeighbors())
        let oldBGP = configuration.bgp
        let oldNextHops =
            plan.interfaceOfPeer.keys.compactMap(plan.nextHopKey) + Array(plan.core.routers.union(plan.circuitGateways))
        inForce.replace(with: new)
        do {
            try tables.writer.setWorkers(of: configuration.dataplane)
        } catch {
            logger.error("the workers cannot be changed", metadata: ["error": "\(error)"])
        }
        tables.writer.setHashSeed(routerIdentifier().rawValue)
        apply(new.plan)
        handle(.configure(new.plan.inputs))
        let newNeighbors = new.neighbors
        let newAddresses = Set(newNeighbors.map(\.peer))
        for neighbor in oldNeighbors where !newAddresses.contains(neighbor.peer) {
            sessions.remove(neighbor.peer)
        }
        sessions.follow(configuration.bgp, from: oldBGP, identifier: routerIdentifier())
        listen(to: newNeighbors)
        followSessionLinks()
        followCoreLinks()
        neighbors.releaseNextHops(oldNextHops)
        transports.watchOnly(tables.links.providers.union(routing.transportStates.keys))
        for neighbor in newNeighbors where !oldNeighbors.contains(neighbor) { sessions.configure(neighbor) }
        publication.commit()
        reportProblems()
        return former
    }
}
