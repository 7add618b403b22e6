import CTableLayout

/// Where routes lead.
public final class NextHopWriter {
    private let words: RecordSection<UInt64>
    private let linkCount: UInt32
    private let groupCount: UInt32

    init(_ file: TablesFile) throws(TablesError) {
        words = RecordSection(.nextHops, at: file.header.pointee.next_hops, of: file, clearsFreed: true)
        linkCount = file.header.pointee.links.count
        groupCount = file.header.pointee.groups.count
        // Next hop 0, no route, is read without having been handed out.
        try words.commit(count: 1)
    }

    /// A next hop that routes can name. It keeps its number when it changes.
    public func add(_ nextHop: NextHop) throws(TablesError) -> UInt32 {
        try check(nextHop)
        let index = try words.take()
        stile_store_release_u64(words[index], nextHop.rawValue)
        return index
    }

    /// Changes what a next hop is, by one store.
    public func set(_ index: UInt32, to nextHop: NextHop) throws(TablesError) {
        guard words.has(index) else { throw .outOfRange(.nextHops) }
        try check(nextHop)
        stile_store_release_u64(words[index], nextHop.rawValue)
    }

    /// Only what leads to a neighbor has a link: workers tell one from the other by the link's adjacency.
    private func check(_ nextHop: NextHop) throws(TablesError) {
        guard nextHop.link < linkCount, nextHop.leadsToNeighbor || nextHop.isSwap || nextHop.link == 0 else {
            throw .outOfRange(.links)
        }
        guard !nextHop.isGroup || nextHop.group != 0 && nextHop.group < groupCount else { throw .outOfRange(.groups) }
    }

    /// Gives a next hop back that no route names any more. Its link is not retired.
    public func retire(_ index: UInt32) { words.retire(index) }
}
