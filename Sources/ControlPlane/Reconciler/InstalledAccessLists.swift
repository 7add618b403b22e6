import CTableLayout
import ForwardingTables

/// The access lists in the tables: what is current, and what something reachable still leads to. A list is never changed:
/// what is configured otherwise gets a new one, which takes its place.
final class InstalledAccessLists {
    /// A list that is in the tables and takes its place when the data plane has compiled it, or at the deadline: rules that
    /// are read one by one are right, but too slow for a list of thousands.
    private struct WaitingList {
        let index: UInt32
        /// Of the tables, when the list had been added.
        let sequence: UInt64
        let deadline: Duration
    }

    /// Rules up to this number may as well be read one by one.
    private static let longestUncompiledList = 64
    private static let longestWait = Duration.seconds(5)

    private let context: TablesContext
    private let writer: AccessListWriter
    /// By index in the tables.
    private var lists: [UInt32: AccessListPlan] = [:]
    /// What is configured, and where it is. What has no place yet could not be installed.
    private(set) var current: [AccessListKey: UInt32] = [:]
    private var waiting: [AccessListKey: WaitingList] = [:]
    /// How far the data plane has compiled lists; `nil`: there is none that does.
    private var compiledSequence: UInt64?

    init(_ context: TablesContext) {
        self.context = context
        writer = context.writer.accessLists
    }

    /// Writes the lists that differ from what is there. Nothing leads to them yet.
    ///
    /// - Returns: whether there was room for all.
    func install() -> Bool {
        var isComplete = true
        let plans = context.plan.accessLists
        for (key, wanted) in plans {
            let place = current[key]
            let newest = waiting[key]?.index ?? place
            if let newest, lists[newest] == wanted { continue }
            waiting[key] = nil
            if let place, lists[place] == wanted { continue }
            let index = context.attempt("access list \(key.name)") { () throws(TablesError) in
                try writer.add(family: key.family.rawValue, rules: wanted.rules.map(\.record))
            }
            guard let index else {
                isComplete = false
                continue
            }
            lists[index] = wanted
            if place != nil, wanted.rules.count > Self.longestUncompiledList, compiledSequence != nil {
                waiting[key] = WaitingList(
                    index: index, sequence: context.writer.reader.header.pointee.access_lists_sequence,
                    deadline: context.now + Self.longestWait)
            } else {
                current[key] = index
            }
        }
        for key in current.keys where plans[key] == nil {
            current[key] = nil
            waiting[key] = nil
        }
        return isComplete
    }

    /// Puts the lists in their places that have been compiled meanwhile, or have waited for long enough.
    ///
    /// - Parameter compiled: the sequence number of the tables whose lists the data plane has compiled; `nil` without one.
    /// - Returns: whether there are any.
    func placeCompiled(_ compiled: UInt64?) -> Bool {
        compiledSequence = compiled
        let ready = waiting.filter { _, list in
            compiled.map { list.sequence <= $0 } ?? true || list.deadline <= context.now
        }
        for (key, list) in ready {
            current[key] = list.index
            waiting[key] = nil
        }
        return !ready.isEmpty
    }

    /// Writes the criteria of a class map, which name the lists that are current, and notes them as added.
    func classMap(
        _ plan: ClassMapPlan?, _ added: inout [(first: UInt32, count: Int)]
    ) throws(TablesError) -> stile_class_map {
        var record = stile_class_map()
        guard let plan, !plan.criteria.isEmpty else { return record }
        record.first_criterion = try context.writer.criteria.add(plan.criteria.map { $0.record { current[$0] ?? 0 } })
        added.append((record.first_criterion, plan.criteria.count))
        record.criterion_count = UInt16(clamping: plan.criteria.count)
        record.requires_all = plan.requiresAll ? 1 : 0
        return record
    }

    /// Gives criteria back that nothing names any more.
    func retire(_ criteria: [(first: UInt32, count: Int)]) {
        for range in criteria { context.writer.criteria.retire(first: range.first, count: range.count) }
    }

    /// Gives the lists back that are not current, do not wait and are not among those that are named.
    func sweep(named: Set<UInt32>) {
        let live = named.union(current.values).union(waiting.values.map(\.index))
        for index in lists.keys where !live.contains(index) {
            lists[index] = nil
            writer.retire(index)
        }
    }
}
