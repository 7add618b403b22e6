import Addressing
import ForwardingTables

/// The source sets in the tables: the Ethernet addresses of neighbors that share an NNI, or are checked there. Labels are
/// valid, where that is asked, from the one that the neighbor's own address resolves to and those that are configured. As
/// long as there is none, no packet has a valid label.
final class InstalledSources {
    private struct SourceSet {
        let index: UInt32
        var configured: [MACAddress]
        /// How many labels name it.
        var users: Int
    }

    private let context: TablesContext
    private let writer: SourceSetWriter
    private var sets: [NeighborKey: SourceSet] = [:]

    init(_ context: TablesContext) {
        self.context = context
        writer = context.writer.sourceSets
    }

    /// Whether a label counts from this neighbor alone: then its address has to be known, whether or not a route leads to
    /// it.
    func need(_ neighbor: NeighborKey) -> Bool { sets[neighbor] != nil }

    /// The index of the neighbor's set for one more label; `nil` if the tables are full.
    func acquire(_ neighbor: NeighborKey, configured: [MACAddress]) -> UInt32? {
        if sets[neighbor] == nil {
            let index = context.attempt(.interfaces, "source addresses of \(neighbor.address)") {
                () throws(TablesError) in
                try writer.add()
            }
            guard let index else { return nil }
            sets[neighbor] = SourceSet(index: index, configured: [], users: 0)
            context.noteChangedNeed(of: neighbor)
            refresh(neighbor)
        }
        sets[neighbor]?.users += 1
        configure(neighbor, configured)
        return sets[neighbor]?.index
    }

    /// One label less has this set; without any it is given back.
    func release(_ neighbor: NeighborKey) {
        guard let set = sets[neighbor] else { return }
        guard set.users == 1 else {
            sets[neighbor]?.users -= 1
            return
        }
        sets[neighbor] = nil
        context.noteChangedNeed(of: neighbor)
        writer.retire(set.index)
    }

    /// Says which addresses are configured for the neighbor.
    func configure(_ neighbor: NeighborKey, _ configured: [MACAddress]) {
        guard let set = sets[neighbor], set.configured != configured else { return }
        sets[neighbor]?.configured = configured
        refresh(neighbor)
    }

    /// Brings the neighbor's set to what is known of it now.
    func refresh(_ neighbor: NeighborKey) {
        guard let set = sets[neighbor] else { return }
        let entry = context.neighborEntry(neighbor)
        let resolved = entry.flatMap { $0.state.isUsable ? $0.hardwareAddress : nil }
        let addresses = (set.configured + [resolved].compactMap { $0 }).map(\.octets)
        _ = context.attempt("source addresses of \(neighbor.address)") { () throws(TablesError) in
            try writer.set(set.index, to: addresses)
        }
    }
}
