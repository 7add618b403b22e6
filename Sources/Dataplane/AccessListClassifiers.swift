import CDPDKShim
import CTableLayout
import ForwardingTables
import Glibc
import Logging

/// Keeps the tables' access lists compiled: follows `access_lists_sequence`, has a thread of its own compile what is new,
/// publishes it to the workers, and frees what is gone once no worker looks at it. A list that is not compiled (yet) is
/// read rule by rule, with the same verdicts.
///
/// Used by the main thread alone.
public final class AccessListClassifiers {
    /// How the workers say that they are between two turns.
    public struct Pauses {
        /// Asks every worker; a number for `havePaused`.
        public var ask: () -> UInt64
        /// Whether all have been between two turns since the call of `ask` that gave the number.
        public var havePaused: (UInt64) -> Bool

        public init(ask: @escaping () -> UInt64, havePaused: @escaping (UInt64) -> Bool) {
            self.ask = ask
            self.havePaused = havePaused
        }
    }

    /// Lists that stand in the tables as bit vectors, as short ones do, are not compiled; nor are those with fewer rules
    /// than this, for which there was no room there: reading them rule by rule costs less. Cycles for a packet of a
    /// burst of 64 on an EPYC, hosts and ports in IPv4: 10 rules 59 against 158, 50 rules 147 against 156, 200 rules 459
    /// against 187.
    public static let fewestRules = 48

    private let logger: Logger
    private let pauses: Pauses
    private var tables: TablesReader
    private var table: ClassifierTable?
    /// `access_lists_sequence` when the lists were last read; `nil`: they are to be read again.
    private var readSequence: UInt64?
    /// By index: the lists that are to be compiled.
    private var wanted: [Int: (serial: UInt64, content: AccessListContent)] = [:]
    private var compiler: AccessListCompilation?
    /// Contents that rte_acl could not compile and that lists still have.
    private var failed: Set<AccessListContent> = []
    /// What has been taken from the workers, with the number of the pause after which it is free.
    private var retired: [(pause: UInt64, entry: ClassifierTable.Entry)] = []

    /// Begins with the tables that the workers are to start with.
    public init(tables: TablesReader, pauses: Pauses, logger: Logger) {
        self.tables = tables
        self.pauses = pauses
        self.logger = logger
        table = ClassifierTable(count: tables.header.pointee.access_lists.count)
    }

    /// What the workers ask; that of the tables in use.
    public var classifier: stile_classifier { table?.classifier ?? stile_classifier() }

    /// How many lists are compiled and published.
    public var compiledCount: Int { table?.entries.count ?? 0 }

    /// The number of `access_lists_sequence` up to which every list has been dealt with.
    public var compiledSequence: UInt64? { compiler == nil && missing().isEmpty ? readSequence : nil }

    /// Another generation: lists whose rules are those of the last one are compiled at once. `changeOver` has every
    /// worker take `classifier` and these tables, and returns when none uses the old ones.
    public func follow<Failure: Error>(_ tables: TablesReader, changeOver: () throws(Failure) -> Void) throws(Failure) {
        let before = table
        self.tables = tables
        table = ClassifierTable(count: tables.header.pointee.access_lists.count)
        readSequence = nil
        var known: [AccessListContent: CompiledAccessList] = [:]
        for (index, entry) in before?.entries ?? [:] {
            if let content = wanted[index]?.content { known[content] = entry.list }
        }
        wanted = [:]
        readLists()
        publish(known)
        try withExtendedLifetime(before) { () throws(Failure) in try changeOver() }
        retired = []
    }

    /// One round.
    public func tick() {
        retired.removeAll { pauses.havePaused($0.pause) }
        if readSequence != stile_load_acquire_u64(stile_access_lists_sequence(tables.header)) { readLists() }
        collect()
        guard compiler == nil else { return }
        let contents = Array(missing())
        if !contents.isEmpty { compiler = AccessListCompilation.start(contents) }
    }

    /// Frees everything; no worker lives any more.
    public func stop() {
        compiler?.join(askingToStop: true)
        compiler = nil
        table = nil
        retired = []
        wanted = [:]
    }

    /// Reads the lists that are new, and takes those away from the workers that are gone.
    private func readLists() {
        let header = tables.header
        let sequence = stile_load_acquire_u64(stile_access_lists_sequence(header))
        let end = Int(min(header.pointee.access_lists_end, UInt64(header.pointee.access_lists.count)))
        var isWhole = true
        var entries: [ClassifierTable.Entry] = []
        for index in 0..<end {
            let serial = AccessListContent.serial(of: tables, index: index)
            if wanted[index]?.serial == serial { continue }
            wanted[index] = nil
            if let entry = table?.withdraw(index) { entries.append(entry) }
            let list = tables.accessLists[index]
            guard serial != 0, list.vectors == 0, Int(list.rule_count) >= Self.fewestRules else { continue }
            if let content = AccessListContent(of: tables, index: index, serial: serial) {
                wanted[index] = (serial, content)
            } else {
                isWhole = false
            }
        }
        retire(entries)
        readSequence = isWhole ? sequence : nil
        failed.formIntersection(wanted.values.map(\.content))
    }

    /// Contents that are wanted, not compiled and not known to fail.
    private func missing() -> Set<AccessListContent> {
        Set(wanted.filter { table?.entries[$0.key] == nil && !failed.contains($0.value.content) }.map(\.value.content))
    }

    /// Takes what the thread has done.
    private func collect() {
        guard let compiler else { return }
        let (outcomes, hasEnded) = compiler.take()
        var compiled: [AccessListContent: CompiledAccessList] = [:]
        for outcome in outcomes {
            compiled[outcome.content] = outcome.compiled
            guard outcome.compiled == nil else { continue }
            failed.insert(outcome.content)
            logger.warning(
                "an access list of \(outcome.content.rules.count) rules is not compiled, it is read rule by rule: \(String(cString: strerror(outcome.code)))"
            )
        }
        publish(compiled)
        if hasEnded {
            compiler.join(askingToStop: false)
            self.compiler = nil
        }
    }

    private func publish(_ compiled: [AccessListContent: CompiledAccessList]) {
        guard !compiled.isEmpty, let table else { return }
        var replaced: [ClassifierTable.Entry] = []
        for (index, list) in wanted where table.entries[index] == nil {
            guard let known = compiled[list.content] else { continue }
            if let entry = table.publish(known, at: index, serial: list.serial) { replaced.append(entry) }
        }
        retire(replaced)
    }

    private func retire(_ entries: [ClassifierTable.Entry]) {
        guard !entries.isEmpty else { return }
        let pause = pauses.ask()
        retired += entries.map { (pause, $0) }
    }
}
