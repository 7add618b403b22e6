import Addressing
import Configuration
import ControlProtocol

extension ShowAccessLists: PromptlyAnswered {
    /// One page. A cursor is the family, the position in the list and the list of the next entry.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> AccessListsResult {
        let takenAt = Timestamp.now
        let table = AccessListTable(plan: plane.plan, numbers: plane.numbers, counters: plane.operatorCounters.shown)
        let start = try page.cursor.map(AccessListCursor.init(parsing:))
        var entries: [AccessListEntryStatus] = []
        for list in try plane.configuration.accessLists(named: name) {
            var first = 0
            if let start {
                let (key, startKey) = (AccessListKey(list), start.key)
                guard key >= startKey else { continue }
                first = key == startKey ? start.position : 0
            }
            let rows = table.rows(of: list)
            for position in first..<max(first, rows.count) {
                guard entries.count < page.limit else {
                    let next = AccessListCursor(key: AccessListKey(list), position: position)
                    return AccessListsResult(takenAt: takenAt, entries: entries, nextCursor: next.description)
                }
                entries.append(rows[position])
            }
        }
        return AccessListsResult(takenAt: takenAt, entries: entries)
    }
}

extension ClearAccessLists: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> CountersClearedResult {
        let table = AccessListTable(plan: plane.plan, numbers: plane.numbers, counters: plane.operatorCounters.shown)
        let lists = try plane.configuration.accessLists(named: name)
        let numbers = Set(lists.flatMap(table.hitCounters))
        plane.operatorCounters.clear { $0.clearHits(numbers, in: $1) }
        return CountersClearedResult(clearedAt: .now, counters: numbers.count)
    }
}

extension Configuration {
    /// All access lists, or those of one name, IPv4 first.
    fileprivate func accessLists(named name: String?) throws(ControlError) -> [AccessList] {
        let all = [ipv4AccessLists, ipv6AccessLists].flatMap { lists in lists.values.sorted { $0.name < $1.name } }
        guard let name else { return all }
        let found = all.filter { $0.name == name }
        guard !found.isEmpty else { throw ControlError(.noSuchObject, "there is no access list \(name)") }
        return found
    }
}

/// The entries of access lists, and what the tables count for them.
private struct AccessListTable {
    let plan: ForwardingPlan
    let numbers: TableNumbers
    let counters: ShownCounters

    /// The numbers of a list's counters; none where nothing uses it.
    func hitCounters(of list: AccessList) -> [UInt32] {
        guard isInUse(list) else { return [] }
        return AccessListCompiler.allCounterNames(of: list).compactMap { numbers.accessHits.numbers[$0] }
    }

    func rows(of list: AccessList) -> [AccessListEntryStatus] {
        let isInUse = isInUse(list)
        let family: AccessListEntryStatus.Family = list.family == .ipv4 ? .ipv4 : .ipv6
        func hits(_ name: String?) -> UInt64? {
            guard isInUse, let number = name.flatMap({ numbers.accessHits.numbers[$0] }) else { return nil }
            return counters.hits(number)
        }
        let rows = zip(list.entries, AccessListCompiler.counterNames(of: list)).map { entry, name in
            AccessListEntryStatus(
                accessList: list.name, family: family, sequence: entry.sequence, text: list.canonicalText(of: entry),
                hitPackets: hits(name))
        }
        return rows + [
            AccessListEntryStatus(
                accessList: list.name, family: family, sequence: nil, text: "deny everything else",
                hitPackets: hits(AccessListCompiler.implicitDenyName(of: list)))
        ]
    }

    private func isInUse(_ list: AccessList) -> Bool { plan.accessLists[AccessListKey(list)] != nil }
}

extension AccessListKey {
    init(_ list: AccessList) { self.init(family: list.family, name: list.name) }
}

/// Where a page of entries ended.
private struct AccessListCursor: CustomStringConvertible {
    let key: AccessListKey
    /// Of the next entry in its list, from 0.
    let position: Int

    init(key: AccessListKey, position: Int) {
        self.key = key
        self.position = position
    }

    init(parsing text: String) throws(ControlError) {
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let family = UInt8(parts[0]).flatMap(AddressFamily.init(rawValue:)),
            let position = Int(parts[1]), position >= 0
        else { throw ControlError(.invalidParameters, "unknown cursor '\(text)'") }
        self.init(key: AccessListKey(family: family, name: String(parts[2])), position: position)
    }

    var description: String { "\(key.family.rawValue) \(position) \(key.name)" }
}
