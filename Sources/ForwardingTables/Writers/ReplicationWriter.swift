import CTableLayout

/// The lists of those who get a copy of a packet whose label is replicated.
public final class ReplicationWriter {
    private let records: RecordSection<stile_replication>
    private let nextHopCount: UInt32

    init(_ file: TablesFile) throws(TablesError) {
        records = RecordSection(.replications, at: file.header.pointee.replications, of: file)
        nextHopCount = file.header.pointee.next_hops.count
        // List 0, of labels that lead nowhere, is read without having been handed out.
        try records.commit(count: 1)
    }

    /// A list that a label entry can name.
    ///
    /// - Parameter members: next hops of kind *swap*, 1 to `STILE_REPLICATION_MEMBERS`, and whether each may be on the side that a
    ///   packet comes from: NNI to NNI, or core to core.
    public func add(_ members: [(nextHop: UInt32, mayBeOnSameSide: Bool)]) throws(TablesError) -> UInt32 {
        guard (1...Int(STILE_REPLICATION_MEMBERS)).contains(members.count),
            !members.contains(where: { $0.nextHop == 0 || $0.nextHop >= nextHopCount })
        else { throw .outOfRange(.replications) }
        var record = stile_replication()
        record.member_count = UInt32(members.count)
        withUnsafeMutableBytes(of: &record.members) { words in
            for (position, member) in members.enumerated() {
                let word = member.nextHop | (member.mayBeOnSameSide ? STILE_MEMBER_SAME_SIDE : 0)
                words.storeBytes(of: word, toByteOffset: 4 * position, as: UInt32.self)
            }
        }
        return try records.add(record)
    }

    /// Gives a list back that no label entry names any more.
    public func retire(_ index: UInt32) { records.retire(index) }
}
