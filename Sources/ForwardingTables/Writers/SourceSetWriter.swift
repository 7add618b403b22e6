import CTableLayout

/// The Ethernet addresses that labels are valid from.
public final class SourceSetWriter {
    private let sets: RecordSection<stile_source_set>

    init(_ file: TablesFile) throws(TablesError) {
        sets = RecordSection(.sourceSets, at: file.header.pointee.source_sets, of: file)
        // Set 0, which labels without one have, is read without having been handed out.
        try sets.commit(count: 1)
    }

    /// A source set without addresses, which no packet comes from.
    public func add() throws(TablesError) -> UInt32 { try sets.add(stile_source_set()) }

    /// Lets packets come from these Ethernet addresses, six octets each in the order of the wire, and from no other.
    /// Those that stay are valid all the time. At most `STILE_SOURCE_ADDRESSES`.
    public func set(_ index: UInt32, to addresses: [[UInt8]]) throws(TablesError) {
        guard sets.has(index), addresses.count <= Int(STILE_SOURCE_ADDRESSES) else { throw .outOfRange(.sourceSets) }
        let words = UnsafeMutableRawPointer(sets[index]).assumingMemoryBound(to: UInt64.self)
        let wanted = Set(addresses.map { $0.prefix(6).reversed().reduce(0) { $0 << 8 | UInt64($1) } })
        let places = 0..<Int(STILE_SOURCE_ADDRESSES)
        for place in places where !wanted.contains(words[place]) { stile_store_release_u64(words + place, 0) }
        for address in wanted.sorted() where address != 0 && !places.contains(where: { words[$0] == address }) {
            guard let place = places.first(where: { words[$0] == 0 }) else { throw .outOfRange(.sourceSets) }
            stile_store_release_u64(words + place, address)
        }
    }

    /// Gives a source set back that no label entry names any more.
    public func retire(_ index: UInt32) { sets.retire(index) }
}
