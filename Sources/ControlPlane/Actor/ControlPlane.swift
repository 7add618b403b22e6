import Addressing
import BGP
import Configuration
import ControlProtocol
import ForwardingTables
import Logging
import NIOCore
import Routing

/// The control process: the only place where configuration, BGP, routing and tables meet.
///
/// Its executor is one event loop, on which the speaker's callbacks, the timers and the requests of the control socket
/// all run, so that nothing in it needs a lock. The parts are state machines; this actor carries events to them and
/// their effects to one another, in the order in which they come.
///
///     punt rings ──► neighbors ──┐                 ┌──► routing ──► BGP speaker ──► (TUN) ──► inject ring
///                                ├──► tables ◄─────┤
///     configuration ──► plan ────┘                 └──► allocations on disk
public actor ControlPlane {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }
    nonisolated let eventLoop: any EventLoop
    let group: any EventLoopGroup
    let options: ControlPlaneOptions
    let logger: Logger

    // What is configured.
    var loaded: LoadedConfiguration
    /// Of what is configured.
    var index: ConfigurationIndex
    /// How many plans have taken the place of another.
    var plansMade: UInt64 = 0
    /// Whether another is being prepared for the same configuration.
    var isReplanning = false
    var appliedAt: WallClock.Seconds
    var numbers: TableNumbers
    /// From where `show` counts hits and classes.
    var baselines: CounterBaselines
    /// What `show accounting` has told.
    var accounts = InterfaceAccounts()

    // The parts.
    /// Keeps a second process out.
    let stateDirectory: StateDirectory
    let control: ControlSegment
    let tables: InstalledTables
    let neighbors: NeighborStore
    let routing: RoutingTable
    var speaker: BGPSpeaker?
    var kernel: KernelLink?
    var dataplane: DataplaneLink
    let flowExporters: FlowExporters
    nonisolated let runningConfigurationFile: RunningConfigurationFile
    var accessLogging = AccessLogging()
    var server: ControlServer?

    // What is going on.
    var clock = WallClock()
    var isStopping = false
    /// Whether routing's removal of many routes goes on in a moment.
    var isSweepScheduled = false
    /// Neighbors that are slow to take what is sent.
    var congested: Set<IPAddress> = []
    /// Labels that wait until the allocations are on disk or the tables can take them.
    var waitingBindings: [LabelBinding] = []
    /// Those of them that the tables have refused, which the log says once.
    var refusedBindings: Set<LabelBinding> = []
    /// Labels that routing has given up and that are valid for a little while.
    var expiringLabels = ExpiringLabels()
    var allocationsStore: AllocationsStore
    /// The write of the allocations that goes on.
    var savingAllocations: Task<Void, Never>?
    /// Whether they have changed since it began.
    var isSaveDue = false
    /// Numbers of a plan that will be in force in a moment.
    var reservedNumbers: TableNumbers?
    var sessionHistory: [IPAddress: SessionHistory] = [:]
    var updateFaultLog = UpdateFaultLog()
    var sessionFailureLog = SessionFailureLog()
    /// Whether a BGP neighbor on an NNI may have come or gone since routing was last told of next hops.
    var nextHopsHaveChanged = true
    var mirror = NeighborMirror()
    var alarms = StandingAlarms()
    /// Fragments of packets to the box's own addresses.
    var reassembly = Reassembly()
    /// Whether routes that found no room are being placed, since there is some.
    var isPlacingRoutes = false
    var counters = ControlPlaneCounters()
    var reportedCounters = ControlPlaneCounters()
    var ticks: [RepeatedTask] = []
    var pollPace = PollPace()
    /// Large tables that are being shown.
    var routeWalks = TableWalks<VRFTable, IPPrefix>()
    var bgpRouteWalks = TableWalks<NeighborTableKey, VPNPrefix>()
    var reportedOmissions: Set<String> = []
    var reportedProblem: String?
    /// Whether the log says that the data plane shows no sign of life.
    var hasReportedSilence = false

    /// Prepares the tables from configuration, allocations and what an earlier run left, without publishing them.
    ///
    /// - Throws: ``ControlPlaneStartError``; nothing has been changed then.
    public init(
        options: ControlPlaneOptions, configuration: LoadedConfiguration, group: any EventLoopGroup,
        logger: Logger = Logger(label: "stiled")
    ) throws {
        try self.init(
            options: options, configuration: configuration, group: group, logger: logger,
            inheritance: Inheritance(options: options))
    }

    private init(
        options: ControlPlaneOptions, configuration: LoadedConfiguration, group: any EventLoopGroup, logger: Logger,
        inheritance: Inheritance
    ) throws {
        self.options = options
        self.group = group
        self.logger = logger
        eventLoop = group.next()
        loaded = configuration
        let index = configuration.configuration.index
        self.index = index
        control = inheritance.control
        stateDirectory = inheritance.stateDirectory
        allocationsStore = inheritance.store
        neighbors = NeighborStore()
        flowExporters = FlowExporters(eventLoop: eventLoop)
        runningConfigurationFile = RunningConfigurationFile(path: options.runningConfigurationPath, logger: logger)
        dataplane = DataplaneLink(runtimeDirectory: options.runtimeDirectory)
        appliedAt = WallClock.secondsSince1970

        var numbers = TableNumbers(inheritance.allocations(for: index, logger))
        numbers.hardwareAddresses = inheritance.hardwareAddresses(configuration.configuration)
        let writer: TablesWriter
        do {
            writer = try TablesWriter(
                directory: options.runtimeDirectory, hugepageDirectory: options.hugepageDirectory,
                generation: inheritance.control.currentGeneration + 1,
                capacities: options.capacities.with(configuration.configuration))
            try writer.setWorkers(of: configuration.configuration.dataplane)
        } catch {
            throw ControlPlaneStartError.sharedMemory("\(error)")
        }
        var compiler = ForwardingPlanCompiler(
            index: index, numbers: numbers, bgpPort: options.bgpPort,
            limits: ServiceLimits(writer.reader.header.pointee))
        compiler.compile()
        self.numbers = compiler.numbers
        let saved = CounterBaselines.saved(options)
        baselines = saved.baselines
        baselines.follow(compiler.numbers, from: numbers, in: dataplane.reader)
        let store = neighbors
        tables = InstalledTables(writer: writer) { store.table[$0] }
        let now = clock.timestamp()
        let awaited = inheritance.awaitedNeighbors(configuration.configuration)
        let seconds = UInt32(
            configuration.configuration.bgp?.gracefulRestart?.restartTimeSeconds ?? 0)
        routing = RoutingTable(
            labels: inheritance.allocations.labels, awaiting: awaited,
            selectionDeferral: awaited.isEmpty
                ? nil : now.advanced(bySeconds: seconds == 0 ? options.convergenceSeconds : seconds))
        tables.apply(compiler.plan)
        for interface in compiler.plan.interfaces.values.compactMap(\.neighborInterface) {
            _ = store.table.setInterface(interface)
        }
        for neighbor in inheritance.neighbors {
            let effects = store.table.restore(neighbor.key, hardwareAddress: neighbor.hardwareAddress, now: clock.now)
            if !effects.isEmpty { tables.neighborChanged(neighbor.key) }
        }
        isRestart = !awaited.isEmpty
        for damage in inheritance.damagedFiles + [saved.damage].compactMap({ $0 }) { logger.warning("\(damage)") }
        if let replaced = control.replacedLeftover {
            logger.warning("what an earlier stiled left in the runtime directory was replaced: \(replaced)")
        }
    }

    /// Whether the process took over from an earlier run whose sessions were up.
    let isRestart: Bool

    var plan: ForwardingPlan { tables.plan }
    /// How many records of the tables have been compared with what they should be: a measure of what a change costs.
    package var tableComparisons: UInt64 { tables.comparisons }
    var configuration: Configuration { loaded.configuration }
}

/// The table of neighbors where both the actor and the tables' compiler can see it.
final class NeighborStore {
    var table = NeighborTable()
}

/// When a session was last up or down, for `show`.
struct SessionHistory {
    var changedAt: WallClock.Seconds
    var lastDownReason: String?
    var lastDownAt: WallClock.Seconds?
}
