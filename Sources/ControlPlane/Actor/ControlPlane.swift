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

    // The parts.
    /// Keeps a second process out.
    let stateDirectory: StateDirectory
    let control: ControlSegment
    let tables: InstalledTables
    let neighbors: NeighborStore
    let routing: RoutingTable
    let sessions: BGPSessions
    let allocations: SavedAllocations
    let labels: LabelInstallation
    var kernel: KernelLink?
    let dataplane: DataplaneLink
    /// What is counted, by the data plane and by the process itself.
    let operatorCounters: OperatorCounters
    let counters: ControlPlaneCounters
    let flowExporters: FlowExporters
    nonisolated let runningConfigurationFile: RunningConfigurationFile
    let accessLogging: AccessLogging
    /// What is wrong, for the log and for operators.
    let problemLog: ProblemLog
    let alarms: StandingAlarms
    /// What operators are being shown.
    let routePages = RoutePages()
    let bgpRoutePages = BGPRoutePages()
    var server: ControlServer?

    // What is going on.
    let clock = WallClock()
    var isStopping = false
    /// Whether routing's removal of many routes goes on in a moment.
    var isSweepScheduled = false
    /// Whether a BGP neighbor on an NNI may have come or gone since routing was last told of next hops.
    var nextHopsHaveChanged = true
    var mirror = NeighborMirror()
    /// Fragments of packets to the box's own addresses.
    var reassembly = Reassembly()
    /// Whether routes that found no room are being placed, since there is some.
    var isPlacingRoutes = false
    var ticks: [RepeatedTask] = []
    var pollPace = PollPace()

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
        allocations = SavedAllocations(inheritance.store)
        sessions = BGPSessions(eventLoop: eventLoop, options: options, clock: clock, logger: logger)
        neighbors = NeighborStore()
        flowExporters = FlowExporters(eventLoop: eventLoop, logger: logger)
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
        var saved = CounterBaselines.saved(options)
        saved.baselines.follow(compiler.numbers, from: numbers, in: dataplane.reader)
        operatorCounters = OperatorCounters(
            saved.baselines, dataplane: dataplane, path: options.counterBaselinesPath, logger: logger)
        counters = ControlPlaneCounters(logger: logger)
        let store = neighbors
        tables = InstalledTables(writer: writer) { store.table[$0] }
        labels = LabelInstallation(allocations: allocations, tables: tables, logger: logger)
        accessLogging = AccessLogging(
            dataplane: dataplane, control: control, tables: tables, clock: clock, logger: logger)
        problemLog = ProblemLog(dataplane: dataplane, logger: logger)
        alarms = StandingAlarms(logger: logger)
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
