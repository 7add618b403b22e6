import CDPDKShim
import CTableLayout
import ForwardingTables
import Glibc
import Logging

/// What the main thread does besides waiting: follows generations, ports, rates and links, and publishes how things
/// stand.
final class Housekeeping {
    private var source: TablesSource
    private let segment: DataplaneSegment
    private let ports: PortSet
    private let workers: WorkerSet
    private let classifiers: AccessListClassifiers
    private let logger: Logger

    private var wanted: [Int: PortDefinition] = [:]
    private var portsSequence: UInt64?
    private var rates = Rates()
    private var lastSecond: UInt64 = 0
    private var rounds = 0
    /// Rounds between two looks at how flows are shared: long enough that a measurement means something.
    private static let roundsPerBalance = 5
    private var isWriterAlive = true
    /// What the segment says of compiled access lists.
    private var compiled: (generation: UInt64, sequence: UInt64) = (0, 0)

    /// The rates that the control segment asks for; the workers take them up with an assignment.
    private struct Rates: Equatable {
        var punt: [UInt32] = []
        var puntSum: UInt32 = 0
        var icmp: UInt32 = 0

        init() {}

        init(_ header: stile_control_header) {
            punt = withUnsafeBytes(of: header.punt_rate) { Array($0.bindMemory(to: UInt32.self)) }
            puntSum = header.punt_sum_rate
            icmp = header.icmp_rate
        }
    }

    init(source: TablesSource, segment: DataplaneSegment, ports: PortSet, workers: WorkerSet, logger: Logger) {
        self.source = source
        self.segment = segment
        self.ports = ports
        self.workers = workers
        self.logger = logger
        classifiers = AccessListClassifiers(
            tables: source.tables.reader,
            pauses: .init(ask: { workers.askForPause() }, havePaused: { workers.havePaused($0) }), logger: logger)
    }

    /// Opens the ports and starts the workers.
    func begin(now: UInt64) throws(StartFailure) {
        readWantedPorts()
        for number in ports.changes(to: wanted, now: now).open {
            if let definition = wanted[number] {
                _ = ports.open(number, definition, workerCount: workers.count, now: now)
            }
        }
        ports.publishUnwanted(wanted)
        try assign()
        everySecond(now: now)
    }

    /// One round; `now` in seconds of a clock that only goes forward.
    func tick(now: UInt64) throws(StartFailure) {
        let isNewSecond = now != lastSecond
        try followTables(looksForNewSegment: isNewSecond)
        let haveChanged = source.portsSequence != portsSequence
        if haveChanged { readWantedPorts() }
        // A port that failed before is tried again by the second, and devices that have gone are noticed.
        if haveChanged || isNewSecond { try reconcilePorts(now: now) }
        if Rates(source.control.header.pointee) != rates { try assign() }
        ports.updateLinks()
        classifiers.tick()
        publishCompiled()
        rounds += 1
        if rounds % Self.roundsPerBalance == 0 { workers.balanceFlows() }
        if isNewSecond { everySecond(now: now) }
    }

    /// Ends what the workers needed, once they have ended.
    func stop() { classifiers.stop() }

    private func publishCompiled() {
        let now = classifiers.compiledSequence.map { (generation: source.tables.generation, sequence: $0) }
        guard let now, now.generation != compiled.generation || now.sequence != compiled.sequence else { return }
        segment.setAccessListsCompiled(generation: now.generation, sequence: now.sequence)
        compiled = now
    }

    private func followTables(looksForNewSegment: Bool) throws(StartFailure) {
        guard let before = source.follow(looksForNewSegment: looksForNewSegment) else { return }
        // The workers read the old mappings until they have changed over.
        try withExtendedLifetime(before) { () throws(StartFailure) in
            try classifiers.follow(source.tables.reader) { () throws(StartFailure) in try assign() }
        }
        logger.info("changed over from generation \(before.tables.generation) to \(source.tables.generation)")
        portsSequence = nil
        let asked = WorkerSet.workerCount(of: source.tables.reader.header.pointee)
        if asked != workers.count {
            logger.warning("\(asked) workers are asked for: a restart of the data plane takes them up")
        }
    }

    private func readWantedPorts() {
        guard let now = source.wantedPorts() else { return }
        wanted = now.ports
        portsSequence = now.sequence
        ports.publishUnwanted(wanted)
    }

    private func reconcilePorts(now: UInt64) throws(StartFailure) {
        let changes = ports.changes(to: wanted, now: now)
        if !changes.close.isEmpty {
            let closing = ports.detach(changes.close, wanted: wanted)
            try assign()
            ports.close(closing)
        }
        var hasOpened = false
        for number in changes.open {
            guard let definition = wanted[number] else { continue }
            if ports.open(number, definition, workerCount: workers.count, now: now) { hasOpened = true }
        }
        if hasOpened { try assign() }
    }

    /// Every worker takes up ports, tables and rates as they are now, and what they had before is out of use.
    private func assign() throws(StartFailure) {
        rates = Rates(source.control.header.pointee)
        try workers.assign(
            ports: ports.opened, tables: source.tables.reader, classifier: classifiers.classifier,
            control: source.control)
        segment.setGenerationInUse(source.tables.generation)
    }

    private func everySecond(now: UInt64) {
        lastSecond = now
        segment.setHeartbeat(seconds: UInt64(clamping: time(nil)))
        ports.updateStatistics()
        ports.freeIdlePools()
        let isAlive = source.control.isWriterAlive
        if isAlive != isWriterAlive {
            logger.info(isAlive ? "stiled is back" : "stiled is away; forwarding goes on by the tables it left")
        }
        isWriterAlive = isAlive
    }
}
