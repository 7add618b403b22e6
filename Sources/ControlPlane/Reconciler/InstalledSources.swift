import Addressing
import CTableLayout
import ForwardingTables

/// The source sets in the tables: the Ethernet addresses of neighbors that share an NNI, or are checked there.
struct InstalledSources {
    struct SourceSet {
        let index: UInt32
        var configured: [MACAddress]
        /// How many labels name it.
        var users: Int
    }

    fileprivate var sets: [NeighborKey: SourceSet] = [:]

    /// Whether a label counts from this neighbor alone: then its address has to be known, whether or not a route leads to
    /// it.
    func need(_ neighbor: NeighborKey) -> Bool { sets[neighbor] != nil }
}

/// The Ethernet addresses that labels are valid from, where that is asked: the one that the neighbor's own address resolves
/// to, and those that are configured. As long as there is none, no packet has a valid label.
extension InstalledTables {
    /// The index of the neighbor's set for one more label; `nil` if the tables are full.
    func takeSources(of neighbor: NeighborKey, configured: [MACAddress]) -> UInt32? {
        if sources.sets[neighbor] == nil {
            let index = attempt(.interfaces, "source addresses of \(neighbor.address)") { () throws(TablesError) in
                try writer.sourceSets.add()
            }
            guard let index else { return nil }
            sources.sets[neighbor] = .init(index: index, configured: [], users: 0)
            changedNeeds.insert(neighbor)
            refreshSources(of: neighbor)
        }
        sources.sets[neighbor]?.users += 1
        configureSources(of: neighbor, configured)
        return sources.sets[neighbor]?.index
    }

    /// One label less has this set; without any it is given back.
    func releaseSources(of neighbor: NeighborKey) {
        guard let set = sources.sets[neighbor] else { return }
        guard set.users == 1 else {
            sources.sets[neighbor]?.users -= 1
            return
        }
        sources.sets[neighbor] = nil
        changedNeeds.insert(neighbor)
        writer.sourceSets.retire(set.index)
    }

    func configureSources(of neighbor: NeighborKey, _ configured: [MACAddress]) {
        guard let set = sources.sets[neighbor], set.configured != configured else { return }
        sources.sets[neighbor]?.configured = configured
        refreshSources(of: neighbor)
    }

    /// Brings the neighbor's set to what is known of it now.
    func refreshSources(of neighbor: NeighborKey) {
        guard let set = sources.sets[neighbor] else { return }
        let entry = neighborEntry(neighbor)
        let resolved = entry.flatMap { $0.state.isUsable ? $0.hardwareAddress : nil }
        let addresses = (set.configured + [resolved].compactMap { $0 }).map(\.octets)
        _ = attempt("source addresses of \(neighbor.address)") { () throws(TablesError) in
            try writer.sourceSets.set(set.index, to: addresses)
        }
    }

    /// The addresses that a label is valid from on the NNI; `nil` where it is valid from every one, or not at all.
    func sources(of label: MPLSLabel, on nni: String) -> [MACAddress]? {
        guard let index = labelTables[nni]?.index(of: label),
            UInt32(writer.reader.labelEntries[Int(index)].flags) & STILE_FLAG_BY_SOURCE.rawValue != 0
        else { return nil }
        let set = writer.reader.sourceSets[Int(writer.reader.labelSources[Int(index)])]
        return withUnsafeBytes(of: set.addresses) { octets in
            stride(from: 0, to: octets.count, by: 8).compactMap { MACAddress(octets: octets[$0..<$0 + 6]) }
        }.filter { $0.rawValue != 0 }.sorted { $0.rawValue < $1.rawValue }
    }
}
