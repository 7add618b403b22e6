import CTableLayout

/// Next hops, the links that they lead by, and the neighbors behind those.
extension TablesWriter {
    // MARK: Next hops

    /// A next hop that routes can name. It keeps its number when it changes.
    public func addNextHop(_ nextHop: NextHop) throws(TablesError) -> UInt32 {
        try check(nextHop)
        let index = try nextHops.take()
        stile_store_release_u64(nextHopWord(index), nextHop.rawValue)
        return index
    }

    /// Changes what a next hop is, by one store.
    public func setNextHop(_ index: UInt32, to nextHop: NextHop) throws(TablesError) {
        guard index > 0, index < header.pointee.next_hops.count else { throw .outOfRange(.nextHops) }
        try check(nextHop)
        stile_store_release_u64(nextHopWord(index), nextHop.rawValue)
    }

    /// Only what leads to a neighbor has a link: workers tell one from the other by the link's adjacency.
    private func check(_ nextHop: NextHop) throws(TablesError) {
        guard nextHop.link < header.pointee.links.count, nextHop.leadsToNeighbor || nextHop.link == 0 else {
            throw .outOfRange(.links)
        }
    }

    /// Gives a next hop back that no route names any more. Its link is not retired.
    public func retireNextHop(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.nextHop(index))
    }

    func nextHopWord(_ index: UInt32) -> UnsafeMutablePointer<UInt64> {
        entry(header.pointee.next_hops, Int(index), as: UInt64.self)
    }

    // MARK: Links

    /// A link that next hops can name, to a neighbor without an Ethernet address.
    public func addLink(_ state: stile_adjacency_index) throws(TablesError) -> UInt32 {
        let index = try links.take()
        stile_store_release_u32(linkWord(index), state.rawValue)
        return index
    }

    /// The neighbor has no Ethernet address, or none any more: by one store.
    public func setLink(_ index: UInt32, to state: stile_adjacency_index) throws(TablesError) {
        try setLink(index, adjacency: state.rawValue)
    }

    /// The neighbor is reached by this adjacency: it is written beside the one that it replaces, and taken by one store.
    public func setLink(_ index: UInt32, to record: stile_adjacency) throws(TablesError) {
        let new = try adjacencies.take()
        entry(header.pointee.adjacencies, Int(new), as: stile_adjacency.self).pointee = record
        do throws(TablesError) {
            try setLink(index, adjacency: new)
        } catch {
            adjacencies.give(back: new)
            throw error
        }
    }

    /// Gives a link back that no next hop names any more, with its adjacency.
    public func retireLink(_ index: UInt32) {
        guard index > 0, index < header.pointee.links.count else { return }
        retireAdjacency(linkWord(index).pointee)
        retire(.link(index))
    }

    private func setLink(_ index: UInt32, adjacency: UInt32) throws(TablesError) {
        guard index > 0, index < header.pointee.links.count else { throw .outOfRange(.links) }
        let old = linkWord(index).pointee
        stile_store_release_u32(linkWord(index), adjacency)
        retireAdjacency(old)
    }

    private func retireAdjacency(_ index: UInt32) {
        guard index >= STILE_ADJACENCY_FIRST.rawValue else { return }
        retire(.adjacency(index))
    }

    func linkWord(_ index: UInt32) -> UnsafeMutablePointer<UInt32> {
        entry(header.pointee.links, Int(index), as: UInt32.self)
    }

    // MARK: Neighbors

    /// Records a neighbor for `show` and for the next start; no worker reads it.
    public func addNeighbor(_ record: stile_neighbor) throws(TablesError) -> UInt32 {
        let index = try neighbors.take()
        setNeighbor(index, to: record)
        return index
    }

    /// Replaces a neighbor's record. A reader in another process may see it half changed: it checks what it reads.
    public func setNeighbor(_ index: UInt32, to record: stile_neighbor) {
        guard index > 0, index < header.pointee.neighbors.count else { return }
        entry(header.pointee.neighbors, Int(index), as: stile_neighbor.self).pointee = record
    }

    /// Frees a neighbor's record.
    public func removeNeighbor(_ index: UInt32) {
        guard index > 0, index < header.pointee.neighbors.count else { return }
        setNeighbor(index, to: stile_neighbor())
        neighbors.give(back: index)
    }
}
