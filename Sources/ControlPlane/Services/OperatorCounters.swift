import ControlProtocol
import ForwardingTables
import Logging

/// What operators are shown of the data plane's counters: from where each of them counts, and what accounting has told.
/// From where they count is kept on disk, so that a restart shows the same.
final class OperatorCounters {
    private var baselines: CounterBaselines
    private var accounts = InterfaceAccounts()
    private let dataplane: DataplaneLink
    private let path: String
    private let logger: Logger

    init(_ baselines: CounterBaselines, dataplane: DataplaneLink, path: String, logger: Logger) {
        self.baselines = baselines
        self.dataplane = dataplane
        self.path = path
        self.logger = logger
    }

    /// The counters as they are shown now.
    var shown: ShownCounters { ShownCounters(baselines: baselines, reader: dataplane.reader) }

    /// What an interface's counters say of its traffic, never less than they have said before.
    func account(
        of number: UInt16, _ counters: InterfaceCounters
    ) -> (received: TrafficCount, sent: TrafficCount) {
        accounts.account(of: number, counters)
    }

    /// After numbers have been given out: a counter that another name had counts from here.
    func followNumbers(_ new: TableNumbers, from old: TableNumbers) {
        change { $0.follow(new, from: old, in: dataplane.reader) }
    }

    /// Looks whether the counters have begun at zero.
    func noticeReset() {
        guard let reader = dataplane.reader else { return }
        change { $0.noticeReset(in: reader) }
    }

    /// Lets counters begin at zero again for those who are shown them.
    func clear(_ clear: (inout CounterBaselines, DataplaneReader) -> Void) {
        guard let reader = dataplane.reader else { return }
        clear(&baselines, reader)
        save()
    }

    /// The same for the workers' flow caches, each with what it shows now.
    func clearFlowCaches(_ workers: [(index: Int, counters: FlowCacheCounters)]) {
        for worker in workers { baselines.clearFlowCache(worker.index, worker.counters) }
        save()
    }

    /// Keeps on disk from where counters are shown.
    func save() {
        do {
            try DurableFile.replace(path, with: Array(baselines.fileText.utf8))
        } catch {
            logger.warning("the counters' baselines cannot be saved", metadata: ["error": "\(error)"])
        }
    }

    private func change(_ change: (inout CounterBaselines) -> Void) {
        var new = baselines
        change(&new)
        guard new != baselines else { return }
        baselines = new
        save()
    }
}

extension CounterBaselines {
    /// What an earlier run of the process left.
    static func saved(_ options: ControlPlaneOptions) -> (baselines: CounterBaselines, damage: DamagedFile?) {
        var baselines = CounterBaselines()
        let (_, damage) = DamagedFile.lines(
            of: options.counterBaselinesPath,
            consequence: "counters that were cleared, and accounts of numbers used before, show more than they should",
            isValid: { baselines.add($0) })
        return (baselines, damage)
    }
}
