import CTableLayout
import Configuration

/// What access lists log: the entries that say so, and what is known of their packets.
struct AccessLogging {
    var journal = AccessLogJournal()
    /// By the numbers of their hit counters.
    fileprivate(set) var entries: [UInt32: LoggedEntry] = [:]
    /// How many packets without a line the log has spoken of.
    fileprivate var reportedMissedPackets: UInt64 = 0
}

extension ControlPlane {
    /// How many records are taken from each ring at once.
    private static let burst = 64

    /// Takes what the data plane has handed out, as `pollFlows`.
    func pollAccessLog() {
        guard let reader = dataplane.reader else { return }
        var lines: [AccessLogJournal.Line] = []
        var recordCount = 0
        let skipped = reader.drainAccessLog(into: control, limitPerWorker: Self.burst) { record in
            recordCount += 1
            guard let (flow, packets) = LoggedFlow.read(record, entries: accessLogging.entries) else { return }
            lines += accessLogging.journal.add(packets, of: flow, now: clock.now)
        }
        if skipped > 0 { logger.warning("a log ring's index made no sense: its records are skipped") }
        if recordCount >= Self.burst { pollPace.hurry() }
        lines.forEach(write)
    }

    /// Writes what is due for the time. To be called once a second.
    func advanceAccessLog() { accessLogging.journal.advance(now: clock.now).forEach(write) }

    /// Writes what has been counted since its last line, for a process that stops.
    func endAccessLog() {
        pollAccessLog()
        accessLogging.journal.end().forEach(write)
    }

    /// Says how many packets were to be logged and are in no line. To be called once a minute.
    func reportMissedAccessLog() {
        let workers = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { dataplane.reader?.worker($0) }
        let missed = workers.reduce(accessLogging.journal.missedPackets) { $0 &+ $1.access_log_missed }
        guard missed != accessLogging.reportedMissedPackets else { return }
        accessLogging.reportedMissedPackets = missed
        logger.notice("access-list logging rate-limited or missed packets, in all", metadata: ["packets": "\(missed)"])
    }

    /// Brings what is logged to configuration and plan.
    func applyAccessLogging() {
        accessLogging.journal.thresholds = configuration.accessListLogThresholds
        accessLogging.entries = [:]
        for (key, list) in plan.accessLists {
            let configured =
                key.family == .ipv4 ? configuration.ipv4AccessLists[key.name] : configuration.ipv6AccessLists[key.name]
            for rule in list.rules where rule.logs {
                accessLogging.entries[rule.hits] = LoggedEntry(
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
                "interface": "\(plan.names[line.flow.interface] ?? "\(line.flow.interface)")",
                "direction": "\(line.flow.direction == .input ? "in" : "out")",
            ])
    }
}
