import Addressing
import Configuration
import ControlProtocol

extension ControlPlane {
    /// `show.access_lists`: one page. A cursor is the family, the position in the list and the list of the next entry.
    func accessLists(_ query: AccessListsQuery) throws(ControlError) -> AccessListsResult {
        let start = try query.page.cursor.map(AccessListCursor.init(parsing:))
        var entries: [AccessListEntryStatus] = []
        for list in try selectedLists(query) {
            var first = 0
            if let start {
                let (key, startKey) = (AccessListKey(list), start.key)
                guard key >= startKey else { continue }
                first = key == startKey ? start.position : 0
            }
            let rows = rows(of: list)
            for position in first..<max(first, rows.count) {
                guard entries.count < query.page.limit else {
                    let next = AccessListCursor(key: AccessListKey(list), position: position)
                    return AccessListsResult(takenAt: takenAt, entries: entries, nextCursor: next.description)
                }
                entries.append(rows[position])
            }
        }
        return AccessListsResult(takenAt: takenAt, entries: entries)
    }

    /// `clear.access_lists`.
    func clearAccessLists(_ query: AccessListsQuery) throws(ControlError) -> CountersClearedResult {
        let names = try selectedLists(query).filter { plan.accessLists[AccessListKey($0)] != nil }.flatMap(
            AccessListCompiler.allCounterNames)
        let counters = Set(names.compactMap { numbers.accessHits.numbers[$0] })
        if let reader = dataplane.reader {
            baselines.clearHits(counters, in: reader)
            saveBaselines()
        }
        return CountersClearedResult(clearedAt: takenAt, counters: counters.count)
    }

    /// All lists, or those of one name, IPv4 first.
    private func selectedLists(_ query: AccessListsQuery) throws(ControlError) -> [AccessList] {
        let all = [configuration.ipv4AccessLists, configuration.ipv6AccessLists].flatMap { lists in
            lists.values.sorted { $0.name < $1.name }
        }
        guard let name = query.name else { return all }
        let found = all.filter { $0.name == name }
        guard !found.isEmpty else { throw ControlError(.noSuchObject, "there is no access list \(name)") }
        return found
    }

    private func rows(of list: AccessList) -> [AccessListEntryStatus] {
        let isInUse = plan.accessLists[AccessListKey(list)] != nil
        let family: AccessListEntryStatus.Family = list.family == .ipv4 ? .ipv4 : .ipv6
        func hits(_ name: String?) -> UInt64? {
            guard isInUse, let number = name.flatMap({ numbers.accessHits.numbers[$0] }) else { return nil }
            return baselines.hits(number, in: dataplane.reader)
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
