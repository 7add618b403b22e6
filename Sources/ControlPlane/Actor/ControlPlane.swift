import Addressing
import Configuration
import ForwardingTables
import LogDelivery
import Logging
import NIOCore
import Routing
import ServiceSupervision

/// The control process: the only place where configuration, BGP, routing and tables meet.
///
/// Its executor is one event loop, on which the speaker's callbacks, the timers and the requests of the control socket
/// all run, so that nothing in it needs a lock. The parts are state machines that own what they know; this actor has
/// nothing but them, and carries events to them and their effects to one another, in the order in which they come.
///
///     punt rings ──► neighbors ──┐                 ┌──► routing ──► BGP speaker ──► (TUN) ──► inject ring
///                                ├──► tables ◄─────┤
///     configuration ──► plan ────┘                 └──► allocations on disk
public actor ControlPlane {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }
    nonisolated let eventLoop: any EventLoop
    let options: ControlPlaneOptions
    let logger: Logger
    let clock = WallClock()
    /// Whether the process took over from an earlier run whose sessions were up.
    let isRestart: Bool

    // The parts. State is theirs: what is here only says which there are.
    /// Keeps a second process out.
    let stateDirectory: StateDirectory
    let inForce: ConfigurationInForce
    /// What is kept of the configurations, and which of them is in force.
    nonisolated let commits: CommitStore
    nonisolated let commitTurn = CommitTurn()
    nonisolated let candidates = CandidateStore()
    nonisolated let bootClock: BootClock
    /// Until it is known as a commit.
    var startConfiguration: StartConfiguration?
    let commitInForce: CommitInForce
    nonisolated let fileWatch: ConfigurationFileWatch?
    let schedule: WorkSchedule
    /// Who starts the process anew when it hangs.
    let notification: ServiceNotification
    let socket: ControlSocket
    /// The data plane and what it forwards by.
    let control: ControlSegment
    let dataplane: DataplaneLink
    /// The ways into the operator's own network.
    let transports = CoreTransports()
    /// An IGP or LDP engine beside the box, and the devices that it has here.
    let engine: RoutingEngine
    let hostDevices: HostDevices
    let tables: InstalledTables
    let publication: TablesPublication
    /// Hosts on the links, and packets that the data plane or the kernel hands over.
    let neighbors: LinkNeighbors
    let kernel: KernelLinks
    let punts: PuntReception
    /// BGP and what is made of it.
    let sessions: BGPSessions
    /// Neighbors that have been sent a batch of routes and may be owed more.
    var owedOutput = DistinctQueue<PeerAddress>()
    let routing: RoutingTable
    let allocations: SavedAllocations
    let labels: LabelInstallation
    /// What is counted, by the data plane and by the process itself.
    let operatorCounters: OperatorCounters
    let counters: ControlPlaneCounters
    let flowExporters: FlowExporters
    let metrics: MetricsEndpoint
    /// What was logged, and where it is sent.
    nonisolated let log: LogBook
    let logCollectors: LogCollectors
    let accessLogging: AccessLogging
    /// What is wrong, for the log and for operators.
    let problemLog: ProblemLog
    let alarms: StandingAlarms
    /// What operators are being shown.
    let routePages = RoutePages()
    let bgpRoutePages = BGPRoutePages()
    let receivedLabelPages = ReceivedLabelPages()

    /// Prepares the tables from configuration, allocations and what an earlier run left, without publishing them.
    ///
    /// - Throws: ``ControlPlaneStartError``; nothing has been changed then.
    public init(
        options: ControlPlaneOptions, configuration start: StartConfiguration, group: any EventLoopGroup,
        clock bootClock: BootClock = .kernel, logger: Logger = Logger(label: "stiled"),
        notification: ServiceNotification = .none, log: LogBook = LogBook()
    ) throws {
        try self.init(
            options: options, configuration: start, group: group, clock: bootClock, logger: logger,
            notification: notification, log: log, inheritance: Inheritance(options: options))
    }

    private init(
        options: ControlPlaneOptions, configuration start: StartConfiguration, group: any EventLoopGroup,
        clock bootClock: BootClock, logger: Logger, notification: ServiceNotification, log: LogBook,
        inheritance: Inheritance
    ) throws {
        let configuration = start.loaded
        self.options = options
        self.logger = logger
        self.notification = notification
        eventLoop = group.next()
        schedule = WorkSchedule(eventLoop: eventLoop)
        socket = ControlSocket(path: options.socketPath, access: options.access, group: group)
        let index = configuration.configuration.index
        control = inheritance.control
        stateDirectory = inheritance.stateDirectory
        allocations = SavedAllocations(inheritance.store)
        flowExporters = FlowExporters(eventLoop: eventLoop, logger: logger)
        metrics = MetricsEndpoint(eventLoop: eventLoop, logger: logger)
        self.log = log
        logCollectors = LogCollectors(eventLoop: eventLoop, logger: logger)
        startConfiguration = start
        commits = CommitStore(stateDirectory: options.stateDirectory)
        self.bootClock = bootClock
        commitInForce = CommitInForce(damaged: start.damaged, clock: bootClock)
        fileWatch = (options.configurationFile ?? options.firstFile).map(ConfigurationFileWatch.init)
        dataplane = DataplaneLink(runtimeDirectory: options.runtimeDirectory)

        var numbers = TableNumbers(inheritance.allocations(for: index, logger))
        numbers.hardwareAddresses = inheritance.hardwareAddresses(configuration.configuration)
        let writer: TablesWriter
        do {
            writer = try TablesWriter(
                directory: options.runtimeDirectory, hugepageDirectory: options.hugepageDirectory,
                generation: inheritance.control.currentGeneration + 1,
                capacities: options.capacities.with(configuration.configuration))
            try writer.setWorkers(of: configuration.configuration.dataplane)
            writer.setHashSeed(BGPNeighborCompiler.routerIdentifier(of: configuration.configuration).rawValue)
        } catch {
            throw ControlPlaneStartError.sharedMemory("\(error)")
        }
        var compiler = ForwardingPlanCompiler(
            index: index, numbers: numbers, bgpPort: options.bgpPort,
            limits: ServiceLimits(writer.reader.header.pointee))
        compiler.compile()
        inForce = ConfigurationInForce(configuration, index: index, numbers: compiler.numbers)
        var saved = CounterBaselines.saved(options)
        saved.baselines.follow(compiler.numbers, from: numbers, in: dataplane.reader)
        operatorCounters = OperatorCounters(
            saved.baselines, dataplane: dataplane, path: options.counterBaselinesPath, logger: logger)
        counters = ControlPlaneCounters(logger: logger)
        let store = NeighborStore()
        tables = InstalledTables(writer: writer, transports: transports) { store.table[$0] }
        let tables = tables
        sessions = BGPSessions(eventLoop: eventLoop, options: options, clock: clock, logger: logger) {
            tables.plan.name(of: $0)
        }
        publication = TablesPublication(
            control: control, writer: writer, dataplane: dataplane,
            directories: [options.runtimeDirectory, options.hugepageDirectory].compactMap { $0 }, logger: logger)
        let injected = InjectedPackets(control: control, dataplane: dataplane, tables: tables, counters: counters)
        neighbors = LinkNeighbors(
            store, tables: tables, injected: injected, dataplane: dataplane, counters: counters, clock: clock,
            logger: logger)
        engine = RoutingEngine(
            transports: transports, eventLoop: eventLoop, path: options.engineWaysPath, logger: logger)
        hostDevices = HostDevices(dataplane: dataplane, path: options.hostDevicesPath, logger: logger)
        kernel = KernelLinks(name: options.tunName, engine: engine, logger: logger)
        punts = PuntReception(
            kernel: kernel, hostDevices: hostDevices, neighbors: neighbors, injected: injected, tables: tables,
            control: control,
            dataplane: dataplane, counters: counters, clock: clock)
        labels = LabelInstallation(allocations: allocations, tables: tables, logger: logger)
        accessLogging = AccessLogging(
            dataplane: dataplane, control: control, tables: tables, clock: clock, logger: logger)
        problemLog = ProblemLog(dataplane: dataplane, logger: logger)
        alarms = StandingAlarms(logger: logger)
        let now = clock.timestamp()
        let awaited = inheritance.awaitedNeighbors(index, compiler.plan)
        let seconds = UInt32(
            configuration.configuration.bgp?.gracefulRestart?.restartTimeSeconds ?? 0)
        routing = RoutingTable(
            labels: inheritance.allocations.labels, awaiting: awaited,
            selectionDeferral: awaited.isEmpty
                ? nil : now.advanced(bySeconds: seconds == 0 ? options.convergenceSeconds : seconds))
        var damagedFiles = inheritance.damagedFiles + [saved.damage].compactMap { $0 }
        if let settings = configuration.configuration.routingEngine {
            let former = EngineWaysFile.read(options.engineWaysPath)
            if let damage = former.damage { damagedFiles.append(damage) }
            engine.restore(former.ways, settings)
        } else {
            EngineWaysFile.remove(options.engineWaysPath)
        }
        tables.apply(compiler.plan)
        neighbors.restore(
            inheritance.neighbors, on: compiler.plan.interfaces.values.compactMap(\.neighborInterface))
        isRestart = !awaited.isEmpty
        for damage in damagedFiles { logger.warning("\(damage)") }
        if let replaced = control.replacedLeftover {
            logger.warning("what an earlier stiled left in the runtime directory was replaced: \(replaced)")
        }
    }

    var loaded: LoadedConfiguration { inForce.loaded }
    var index: ConfigurationIndex { inForce.index }
    var configuration: Configuration { inForce.loaded.configuration }
    var numbers: TableNumbers { inForce.numbers }
    var plan: ForwardingPlan { tables.plan }
    /// How many records of the tables have been compared with what they should be: a measure of what a change costs.
    package var tableComparisons: UInt64 { tables.comparisons }
}
