import CTableLayout

/// The links that next hops lead by, and their adjacencies.
public final class LinkWriter {
    /// Link → index of its adjacency.
    private let words: RecordSection<UInt32>
    private let adjacencies: RecordSection<stile_adjacency>

    init(_ file: TablesFile) throws(TablesError) {
        words = RecordSection(.links, at: file.header.pointee.links, of: file, clearsFreed: true)
        adjacencies = RecordSection(.adjacencies, at: file.header.pointee.adjacencies, of: file)
        // Link 0 and the adjacencies that are none are read without having been handed out.
        try words.commit(count: 1)
        _ = try adjacencies.take(count: Int(STILE_ADJACENCY_FIRST.rawValue) - 1)
        for index in 0..<STILE_ADJACENCY_FIRST.rawValue { adjacencies[index].pointee.port = .max }
    }

    /// A link that next hops can name, to a neighbor without an Ethernet address.
    public func add(_ state: stile_adjacency_index) throws(TablesError) -> UInt32 {
        let index = try words.take()
        stile_store_release_u32(words[index], state.rawValue)
        return index
    }

    /// The neighbor has no Ethernet address, or none any more: by one store.
    public func set(_ index: UInt32, to state: stile_adjacency_index) throws(TablesError) {
        try set(index, adjacency: state.rawValue)
    }

    /// The neighbor is reached by this adjacency: it is written beside the one that it replaces, and taken by one store.
    ///
    /// - Parameters:
    ///   - transport: of a PE, what the adjacency says beside it.
    ///   - encapsulation: the headers that stand above the transport's labels; `nil`: Ethernet.
    public func set(
        _ index: UInt32, to record: stile_adjacency, _ transport: stile_transport? = nil,
        _ encapsulation: stile_encapsulation? = nil
    ) throws(TablesError) {
        let new = try add(record, transport, encapsulation)
        do throws(TablesError) {
            try set(index, adjacency: new)
        } catch {
            adjacencies.putBack(new, count: recordCount(new))
            throw error
        }
    }

    private func add(
        _ record: stile_adjacency, _ transport: stile_transport?, _ encapsulation: stile_encapsulation?
    ) throws(TablesError) -> UInt32 {
        guard var transport else { return try adjacencies.add(record) }
        let new = try adjacencies.take(count: encapsulation == nil ? 2 : 4)
        var record = record
        record.has_transport = 1
        let labelBytes = 4 * min(Int(transport.label_count), Int(STILE_TRANSPORT_LABELS))
        record.rewrite_bytes += UInt8(labelBytes)
        transport.is_encapsulated = encapsulation == nil ? 0 : 1
        if let encapsulation {
            record.rewrite_bytes += encapsulation.header_bytes
            UnsafeMutableRawPointer(adjacencies[new + 2])
                .storeBytes(of: encapsulation, as: stile_encapsulation.self)
        }
        adjacencies[new].pointee = record
        UnsafeMutableRawPointer(adjacencies[new + 1]).storeBytes(of: transport, as: stile_transport.self)
        return new
    }

    /// How many records an adjacency takes with what stands behind it.
    private func recordCount(_ index: UInt32) -> Int {
        guard adjacencies[index].pointee.has_transport != 0 else { return 1 }
        let transport = UnsafeRawPointer(adjacencies[index + 1]).load(as: stile_transport.self)
        return transport.is_encapsulated == 0 ? 2 : 4
    }

    /// Gives a link back that no next hop names any more, with its adjacency.
    public func retire(_ index: UInt32) {
        guard words.has(index) else { return }
        retireAdjacency(words[index].pointee)
        words.retire(index)
    }

    private func set(_ index: UInt32, adjacency: UInt32) throws(TablesError) {
        guard words.has(index) else { throw .outOfRange(.links) }
        let old = words[index].pointee
        stile_store_release_u32(words[index], adjacency)
        retireAdjacency(old)
    }

    private func retireAdjacency(_ index: UInt32) {
        guard index >= STILE_ADJACENCY_FIRST.rawValue else { return }
        adjacencies.retire(first: index, count: recordCount(index))
    }
}
