import Addressing
import BGP
import Configuration
import Routing

extension ControlPlane {
    /// Brings tables, neighbors and the kernel to a new plan.
    func apply(_ prepared: PreparedPlan) {
        let (compiler, changes) = (prepared.compiler, prepared.changes)
        let (numbersBefore, planBefore) = (numbers, plan)
        numbers = compiler.numbers
        plansMade += 1
        if allocations.hasReservedOthers(than: numbers) { saveAllocations() }
        allocations.endReservation()
        operatorCounters.followNumbers(numbers, from: numbersBefore)
        tables.apply(compiler.plan, changes)
        applyNeighborInterfaces(changes, old: planBefore)
        applyKernelLink()
        flowExporters.apply(configuration, plan: plan)
        accessLogging.apply(configuration)
        commit()
        meetNeeds()
    }

    private func applyNeighborInterfaces(_ changes: PlanChanges, old: ForwardingPlan) {
        let wanted = Dictionary(
            changes.interfaces.compactMap { plan.interfaces[$0]?.neighborInterface }.map { ($0.number, $0) }
        ) { first, _ in first }
        let former = Set(changes.interfaces.compactMap { old.interfaces[$0]?.neighborInterface?.number })
        for number in former.sorted() where wanted[number] == nil {
            perform(neighbors.table.removeInterface(number))
        }
        for interface in wanted.values.sorted(by: { $0.number < $1.number }) {
            perform(neighbors.table.setInterface(interface))
        }
        followNeighborLinks()
        nextHopsHaveChanged = true
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
        let oldNextHops = plan.nniOfNeighbor.keys.compactMap(nextHopKey(of:))
        loaded = new.loaded
        index = new.index
        appliedAt = WallClock.secondsSince1970
        do {
            try tables.writer.setWorkers(of: configuration.dataplane)
        } catch {
            logger.error("the workers cannot be changed", metadata: ["error": "\(error)"])
        }
        apply(new.plan)
        handle(.configure(new.plan.inputs))
        let newNeighbors = new.neighbors
        let newAddresses = Set(newNeighbors.map(\.address))
        for neighbor in oldNeighbors where !newAddresses.contains(neighbor.address) {
            sessions.remove(neighbor.address)
        }
        sessions.follow(configuration.bgp, from: oldBGP, identifier: routerIdentifier())
        followSessionLinks()
        releaseNextHops(oldNextHops)
        for neighbor in newNeighbors where !oldNeighbors.contains(neighbor) { sessions.configure(neighbor) }
        commit()
        reportProblems()
        return former
    }
}
