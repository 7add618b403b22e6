import CTableLayout

/// What is known of neighbors, for `show` and for the next start; no worker reads it.
public final class NeighborWriter {
    private let records: RecordSection<stile_neighbor>

    init(_ file: TablesFile) {
        records = RecordSection(.neighbors, at: file.header.pointee.neighbors, of: file)
    }

    /// Records a neighbor.
    public func add(_ record: stile_neighbor) throws(TablesError) -> UInt32 { try records.add(record) }

    /// Replaces a neighbor's record. A reader in another process may see it half changed: it checks what it reads.
    public func set(_ index: UInt32, to record: stile_neighbor) {
        guard records.has(index) else { return }
        records[index].pointee = record
    }

    /// Frees a neighbor's record.
    public func remove(_ index: UInt32) {
        guard records.has(index) else { return }
        records[index].pointee = stile_neighbor()
        records.putBack(index)
    }
}
