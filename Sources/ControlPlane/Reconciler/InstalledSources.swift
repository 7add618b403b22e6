import Addressing
import CTableLayout
import ForwardingTables

/// The source sets in the tables: the Ethernet addresses of neighbors that share an NNI, or are checked there. Labels are
/// valid, where that is asked, from the one that the neighbor's own address resolves to and those that are configured. As
/// long as there is none, no packet has a valid label.
final class InstalledSources {
    /// Whose addresses are in a set.
    enum SetKey: Hashable {
        /// Those of one neighbor: all labels that it alone was told name the set.
        case neighbor(NeighborKey)
        /// Those of all neighbors that were told one common label on an NNI.
        case sharers(nni: String, CommonLabel)
    }

    private struct SourceSet {
        let index: UInt32
        /// The neighbors, each with the addresses that are configured for it.
        var members: [NeighborKey: [MACAddress]]
        /// How many labels name it.
        var users: Int
    }

    private let context: TablesContext
    private let writer: SourceSetWriter
    private var sets: [SetKey: SourceSet] = [:]
    private var setsOfNeighbors: [NeighborKey: Set<SetKey>] = [:]

    init(_ context: TablesContext) {
        self.context = context
        writer = context.writer.sourceSets
    }

    /// Whether a label counts from this neighbor alone, or from few: then its address has to be known, whether or not a route
    /// leads to it.
    func need(_ neighbor: NeighborKey) -> Bool { setsOfNeighbors[neighbor] != nil }

    /// The index of a set for one more label; `nil` if the tables are full, or a set has no room for what is configured and an
    /// address of each neighbor.
    func acquire(_ key: SetKey, _ members: [NeighborKey: [MACAddress]]) -> UInt32? {
        guard members.values.reduce(0, { $0 + $1.count + 1 }) <= Int(STILE_SOURCE_ADDRESSES) else { return nil }
        if sets[key] == nil {
            let index = context.attempt(.interfaces, "source addresses of \(key)") { () throws(TablesError) in
                try writer.add()
            }
            guard let index else { return nil }
            sets[key] = SourceSet(index: index, members: [:], users: 0)
        }
        sets[key]?.users += 1
        configure(key, members)
        return sets[key]?.index
    }

    /// One label less has this set; without any it is given back.
    func release(_ key: SetKey) {
        guard let set = sets[key] else { return }
        guard set.users == 1 else {
            sets[key]?.users -= 1
            return
        }
        configure(key, [:])
        sets[key] = nil
        writer.retire(set.index)
    }

    /// The addresses that are configured for a neighbor in a set.
    func configured(_ key: SetKey, _ neighbor: NeighborKey) -> [MACAddress] { sets[key]?.members[neighbor] ?? [] }

    /// Says whose addresses are in the set, and which are configured for them.
    func configure(_ key: SetKey, _ members: [NeighborKey: [MACAddress]]) {
        guard let set = sets[key], set.members != members else { return }
        sets[key]?.members = members
        for neighbor in set.members.keys where members[neighbor] == nil {
            setsOfNeighbors[neighbor]?.remove(key)
            if setsOfNeighbors[neighbor]?.isEmpty == true { setsOfNeighbors[neighbor] = nil }
            context.noteChangedNeed(of: neighbor)
        }
        for neighbor in members.keys where set.members[neighbor] == nil {
            setsOfNeighbors[neighbor, default: []].insert(key)
            context.noteChangedNeed(of: neighbor)
        }
        refresh(key)
    }

    /// A neighbor's addresses are in the set no longer.
    func leave(_ key: SetKey, _ neighbor: NeighborKey?) {
        guard let neighbor, var members = sets[key]?.members else { return }
        members[neighbor] = nil
        configure(key, members)
    }

    /// Brings the neighbor's sets to what is known of it now.
    func refresh(_ neighbor: NeighborKey) {
        for key in setsOfNeighbors[neighbor] ?? [] { refresh(key) }
    }

    private func refresh(_ key: SetKey) {
        guard let set = sets[key] else { return }
        var addresses: Set<MACAddress> = []
        for (neighbor, configured) in set.members {
            let entry = context.neighborEntry(neighbor)
            addresses.formUnion(configured)
            if let entry, entry.state.isUsable, let resolved = entry.hardwareAddress { addresses.insert(resolved) }
        }
        let sorted = addresses.sorted { $0.rawValue < $1.rawValue }.map(\.octets)
        // Whatever does not fit, nobody sends by an address that is in it no longer.
        if sorted.count > Int(STILE_SOURCE_ADDRESSES) { context.noteUnwritten(.interfaces) }
        _ = context.attempt("source addresses of \(key)") { () throws(TablesError) in
            try writer.set(set.index, to: Array(sorted.prefix(Int(STILE_SOURCE_ADDRESSES))))
        }
    }
}
