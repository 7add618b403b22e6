import BGP
import Configuration
import ControlProtocol
import Routing

/// What a new plan is compared with and made from: the state of the actor at one moment.
struct PlanBasis: Sendable {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    /// How many plans have taken the place of another.
    let plansMade: UInt64
    let numbers: TableNumbers
    let limits: ServiceLimits
    let bgpPort: UInt16
    /// The name of the kernel's link to the NNIs.
    let linkName: String?
    let unusablePorts: Set<UInt16>

    /// Whether what was worked out from one holds for the other.
    func isSame(as other: PlanBasis) -> Bool {
        plansMade == other.plansMade && numbers == other.numbers && unusablePorts == other.unusablePorts
    }
}

/// A plan with what routing is told of it. It is made beside the event loop, however large it is; what is left to do
/// there is in proportion to what changes.
struct PreparedPlan: Sendable {
    /// With the plan and the numbers that the tables get.
    let compiler: ForwardingPlanCompiler
    /// What the plan has otherwise than the one in force.
    let changes: PlanChanges
    let inputs: RoutingInputs

    /// - Parameters:
    ///   - services: those of this configuration, compiled with these numbers.
    init(index: ConfigurationIndex, numbers: TableNumbers, services: ServicesCompiler? = nil, on basis: PlanBasis) {
        var compiler = ForwardingPlanCompiler(
            index: index, numbers: numbers, bgpPort: basis.bgpPort, limits: basis.limits, services: services)
        compiler.compile()
        self.compiler = compiler
        changes = PlanChanges(from: basis.plan, to: compiler.plan)
        let unusablePorts = basis.unusablePorts
        inputs = RoutingInputsCompiler(index: index, plan: compiler.plan) { interface in
            interface.isInstallable && !unusablePorts.contains(interface.port)
        }.inputs()
    }
}

extension ControlPlane {
    /// What a new plan is prepared from.
    var planBasis: PlanBasis {
        PlanBasis(
            index: index, plan: plan, plansMade: inForce.plansMade, numbers: numbers, limits: tables.serviceLimits,
            bgpPort: options.bgpPort, linkName: options.tunName, unusablePorts: dataplane.unusable)
    }

    /// Works the plan out again in a moment, since what it is made from has changed apart from the configuration, and
    /// brings tables, neighbors, the kernel and routing to it.
    func replan() {
        guard inForce.beginReplanning() else { return }
        Task { await prepareAndReplan() }
    }

    /// What changes while a plan is prepared makes it prepared again.
    private nonisolated func prepareAndReplan() async {
        while true {
            let basis = await planBasis
            let prepared = PreparedPlan(index: basis.index, numbers: basis.numbers, on: basis)
            await reserve(prepared.compiler.numbers)
            guard await replan(prepared, from: basis) else { continue }
            return
        }
    }

    /// `false` if what the plan was prepared from holds no more, and then nothing has changed.
    private func replan(_ prepared: PreparedPlan, from basis: PlanBasis) -> Bool {
        guard !schedule.isStopped else { return true }
        guard basis.isSame(as: planBasis) else { return false }
        inForce.endReplanning()
        let neighborsBefore = index.hasLinkLocalNeighbors ? bgpNeighbors() : []
        apply(prepared)
        handle(.configure(prepared.inputs))
        if index.hasLinkLocalNeighbors { configureNeighbors(unlike: Set(neighborsBefore)) }
        return true
    }

    /// Sessions from link-local addresses begin when the circuit's Ethernet address is known, and anew with another one.
    private func configureNeighbors(unlike former: Set<NeighborConfiguration>) {
        let wanted = bgpNeighbors()
        listen(to: wanted)
        for neighbor in wanted where !former.contains(neighbor) { sessions.configure(neighbor) }
    }
}
