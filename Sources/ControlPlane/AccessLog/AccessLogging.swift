import CTableLayout
import Configuration
import ForwardingTables
import Logging

/// What access lists log: from the data plane's records to lines of the log.
final class AccessLogging {
    private var journal = AccessLogJournal()
    /// The entries that say `log`, by the numbers of their hit counters.
    private var entries: [UInt32: LoggedEntry] = [:]
    /// How many packets without a line the log has spoken of.
    private var reportedMissedPackets: UInt64 = 0
    private let dataplane: DataplaneLink
    private let control: ControlSegment
    private let tables: InstalledTables
    private let clock: WallClock
    private let logger: Logger

    /// How many records are taken from each ring at once.
    private static let burst = 64

    init(
        dataplane: DataplaneLink, control: ControlSegment, tables: InstalledTables, clock: WallClock, logger: Logger
    ) {
        self.dataplane = dataplane
        self.control = control
        self.tables = tables
        self.clock = clock
        self.logger = logger
    }

    /// Takes what the data plane has handed out. Nobody waits for a record: `true` if there were many of them, which is a
    /// reason to hurry.
    func poll() -> Bool {
        guard let reader = dataplane.reader else { return false }
        var lines: [AccessLogJournal.Line] = []
        var recordCount = 0
        let skipped = reader.drainAccessLog(into: control, limitPerWorker: Self.burst) { record in
            recordCount += 1
            guard let (flow, packets) = LoggedFlow.read(record, entries: entries) else { return }
            lines += journal.add(packets, of: flow, now: clock.now)
        }
        if skipped > 0 { logger.warning("a log ring's index made no sense: its records are skipped") }
        lines.forEach(write)
        return recordCount >= Self.burst
    }

    /// Writes what is due for the time. To be called once a second.
    func advance() { journal.advance(now: clock.now).forEach(write) }

    /// Writes what has been counted since its last line, for a process that stops.
    func end() {
        _ = poll()
        journal.end().forEach(write)
    }

    /// Says how many packets were to be logged and are in no line. To be called once a minute.
    func reportMissed() {
        let workers = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { dataplane.reader?.worker($0) }
        let missed = workers.reduce(journal.missedPackets) { $0 &+ $1.access_log_missed }
        guard missed != reportedMissedPackets else { return }
        reportedMissedPackets = missed
        logger.notice("access-list logging rate-limited or missed packets, in all", metadata: ["packets": "\(missed)"])
    }

    /// Brings what is logged to the configuration and to the plan that the tables have.
    func apply(_ configuration: Configuration) {
        journal.thresholds = configuration.accessListLogThresholds
        entries = [:]
        for (key, list) in tables.plan.accessLists {
            let configured =
                key.family == .ipv4 ? configuration.ipv4AccessLists[key.name] : configuration.ipv6AccessLists[key.name]
            for rule in list.rules where rule.logs {
                entries[rule.hits] = LoggedEntry(
                    family: key.family, list: key.name, kind: configured?.kind ?? .extended, sequence: rule.sequence,
                    permits: rule.permits)
            }
        }
    }

    private func write(_ line: AccessLogJournal.Line) {
        logger.info(
            "\(line.flow), \(line.packets) packet\(line.packets == 1 ? "" : "s")",
            metadata: [
                "entry": "\(line.flow.entry.sequence)",
                "interface": "\(tables.plan.names[line.flow.interface] ?? "\(line.flow.interface)")",
                "direction": "\(line.flow.direction == .input ? "in" : "out")",
            ])
    }
}
