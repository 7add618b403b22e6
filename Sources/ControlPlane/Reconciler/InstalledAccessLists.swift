import CTableLayout
import ForwardingTables

/// A list that is in the tables and takes its place when the data plane has compiled it, or at the deadline: rules that
/// are read one by one are right, but too slow for a list of thousands.
struct WaitingList {
    let index: UInt32
    /// Of the tables, when the list had been added.
    let sequence: UInt64
    let deadline: Duration
}

extension InstalledTables {
    /// Rules up to this number may as well be read one by one.
    private static var longestUncompiledList: Int { 64 }
    private static var longestWait: Duration { .seconds(5) }

    /// Writes the lists that differ from what is there.
    func installAccessLists() {
        for (key, wanted) in plan.accessLists {
            let current = services.currentLists[key]
            let newest = services.waitingLists[key]?.index ?? current
            if let newest, services.lists[newest] == wanted { continue }
            services.waitingLists[key] = nil
            if let current, services.lists[current] == wanted { continue }
            let index = attempt("access list \(key.name)") { () throws(TablesError) in
                try writer.accessLists.add(family: key.family.rawValue, rules: wanted.rules.map(\.record))
            }
            guard let index else {
                services.isIncomplete = true
                continue
            }
            services.lists[index] = wanted
            if current != nil, wanted.rules.count > Self.longestUncompiledList, services.compiledSequence != nil {
                services.waitingLists[key] = WaitingList(
                    index: index, sequence: writer.reader.header.pointee.access_lists_sequence,
                    deadline: services.now + Self.longestWait)
            } else {
                services.currentLists[key] = index
            }
        }
        for key in services.currentLists.keys where plan.accessLists[key] == nil {
            services.currentLists[key] = nil
            services.waitingLists[key] = nil
        }
    }

    /// Puts the lists in their places that have been compiled meanwhile, or have waited for long enough.
    ///
    /// - Parameters:
    ///   - now: the time since the process began.
    ///   - compiled: the sequence number of the tables whose lists the data plane has compiled; `nil` without one.
    /// - Returns: whether the tables have changed.
    func attachCompiledLists(now: Duration, compiled: UInt64?) -> Bool {
        services.now = now
        services.compiledSequence = compiled
        let ready = services.waitingLists.filter { _, list in
            compiled.map { list.sequence <= $0 } ?? true || list.deadline <= now
        }
        guard !ready.isEmpty else { return false }
        for (key, list) in ready {
            services.currentLists[key] = list.index
            services.waitingLists[key] = nil
        }
        apply(plan, .ofServices)
        return true
    }

    /// Gives back the lists that no services record, policy or route map names.
    func sweepAccessLists() {
        var live = Set(services.records.values.flatMap(\.lists)).union(services.policies.values.flatMap(\.lists))
        live.formUnion(services.routeMaps.values.flatMap(\.lists))
        live.formUnion(services.currentLists.values)
        live.formUnion(services.waitingLists.values.map(\.index))
        for index in services.lists.keys where !live.contains(index) {
            services.lists[index] = nil
            writer.accessLists.retire(index)
        }
    }
}
