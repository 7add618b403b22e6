import Addressing
import Configuration
import ControlProtocol

/// How many counters of entries are read in one turn of the event loop.
private let hitsAtOnce = 1000

extension ShowAccessLists: AnsweredRequest {
    /// One page. A cursor is the family, the position in the list and the list of the next entry.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> AccessListsResult {
        let takenAt = Timestamp.now
        let table = await plane.accessListTable
        let start = try page.cursor.map(AccessListCursor.init(parsing:))
        var entries: [CountedEntry] = []
        for list in try table.configuration.accessLists(named: name) {
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
                    return AccessListsResult(
                        takenAt: takenAt, entries: await plane.statuses(of: entries), nextCursor: next.description)
                }
                entries.append(rows[position])
            }
        }
        return AccessListsResult(takenAt: takenAt, entries: await plane.statuses(of: entries))
    }
}

extension ControlPlane {
    /// All entries of the lists in force at one time, with what they have decided.
    nonisolated func accessListEntries() async -> [AccessListEntryStatus] {
        let table = await accessListTable
        let lists = table.configuration.allAccessLists
        return await statuses(of: lists.flatMap(table.rows))
    }

    fileprivate var accessListTable: AccessListTable {
        AccessListTable(configuration: configuration, plan: plan, numbers: numbers)
    }

    fileprivate nonisolated func statuses(of entries: [CountedEntry]) async -> [AccessListEntryStatus] {
        var statuses: [AccessListEntryStatus] = []
        for portion in entries.portions(of: hitsAtOnce) {
            let hits = await hits(ofCounters: portion.map(\.counter))
            for (entry, hits) in zip(portion, hits) { statuses.append(entry.status(hitPackets: hits)) }
        }
        return statuses
    }

    private func hits(ofCounters counters: [UInt32?]) -> [UInt64?] {
        let shown = operatorCounters.shown
        return counters.map { $0.map(shown.hits) }
    }
}

extension ClearAccessLists: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> CountersClearedResult {
        let table = plane.accessListTable
        let lists = try plane.configuration.accessLists(named: name)
        let numbers = Set(lists.flatMap(table.hitCounters))
        plane.operatorCounters.clear { $0.clearHits(numbers, in: $1) }
        return CountersClearedResult(clearedAt: .now, counters: numbers.count)
    }
}

extension Configuration {
    /// IPv4 first, in the order of the names.
    fileprivate var allAccessLists: [AccessList] {
        [ipv4AccessLists, ipv6AccessLists].flatMap { lists in lists.values.sorted { $0.name < $1.name } }
    }

    /// All access lists, or those of one name, IPv4 first.
    fileprivate func accessLists(named name: String?) throws(ControlError) -> [AccessList] {
        guard let name else { return allAccessLists }
        let found = allAccessLists.filter { $0.name == name }
        guard !found.isEmpty else { throw ControlError(.noSuchObject, "there is no access list \(name)") }
        return found
    }
}

/// An entry, and the number of its counter; `nil` where nothing counts it.
private struct CountedEntry {
    let list: AccessList
    let sequence: UInt32?
    let text: String
    let counter: UInt32?

    func status(hitPackets: UInt64?) -> AccessListEntryStatus {
        AccessListEntryStatus(
            accessList: list.name, family: list.family == .ipv4 ? .ipv4 : .ipv6, sequence: sequence, text: text,
            hitPackets: hitPackets)
    }
}

/// The entries of access lists, and which counters the tables have for them.
private struct AccessListTable {
    let configuration: Configuration
    let plan: ForwardingPlan
    let numbers: TableNumbers

    /// The numbers of a list's counters; none where nothing uses it.
    func hitCounters(of list: AccessList) -> [UInt32] {
        guard isInUse(list) else { return [] }
        return AccessListCompiler.allCounterNames(of: list).compactMap { numbers.accessHits.numbers[$0] }
    }

    func rows(of list: AccessList) -> [CountedEntry] {
        let isInUse = isInUse(list)
        func counter(_ name: String?) -> UInt32? { isInUse ? name.flatMap { numbers.accessHits.numbers[$0] } : nil }
        let rows = zip(list.entries, AccessListCompiler.counterNames(of: list)).map { entry, name in
            CountedEntry(
                list: list, sequence: entry.sequence, text: list.canonicalText(of: entry), counter: counter(name))
        }
        return rows + [
            CountedEntry(
                list: list, sequence: nil, text: "deny everything else",
                counter: counter(AccessListCompiler.implicitDenyName(of: list)))
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
