import CTableLayout

/// Next hops, their adjacencies, and the neighbors behind them.
extension TablesWriter {
    /// An adjacency, not reachable until a next hop names it. Its `packet_bits`, and the bits of its rewrite that they
    /// stand for, are the writer's.
    public func addAdjacency(_ record: stile_adjacency) throws(TablesError) -> UInt32 {
        let index = try adjacencies.take()
        entry(header.pointee.adjacencies, Int(index), as: stile_adjacency.self).pointee =
            Self.withPacketBits(record)
        return index
    }

    private static func withPacketBits(_ record: stile_adjacency) -> stile_adjacency {
        var record = record
        record.packet_bits = (0, 0)
        guard record.kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue) else { return record }
        let isUniform = record.flags & UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue) != 0
        // RFC 3032 §2.1: the traffic class is above the bottom of stack bit.
        record.packet_bits = (0x0E, isUniform ? 0xFF : 0)
        withUnsafeMutableBytes(of: &record.rewrite) { rewrite in
            rewrite[rewrite.count - 2] &= ~0x0E
            rewrite[rewrite.count - 1] = isUniform ? 0 : 255
        }
        return record
    }

    /// Gives an adjacency back that no next hop names any more.
    public func retireAdjacency(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.adjacency(index))
    }

    /// A next hop that routes can name. It keeps its number while its adjacencies come and go.
    public func addNextHop(adjacency: UInt32) throws(TablesError) -> UInt32 {
        guard adjacency < header.pointee.adjacencies.count else { throw .outOfRange(.adjacencies) }
        let index = try nextHops.take()
        stile_store_release_u32(nextHopWord(index), adjacency)
        return index
    }

    /// Gives a next hop another adjacency, by one store; the old one is not retired.
    public func setNextHop(_ index: UInt32, adjacency: UInt32) throws(TablesError) {
        guard index > 0, index < header.pointee.next_hops.count else { throw .outOfRange(.nextHops) }
        guard adjacency < header.pointee.adjacencies.count else { throw .outOfRange(.adjacencies) }
        stile_store_release_u32(nextHopWord(index), adjacency)
    }

    /// The index of the adjacency that a next hop has.
    public func adjacency(ofNextHop index: UInt32) -> UInt32 {
        index < header.pointee.next_hops.count ? nextHopWord(index).pointee : 0
    }

    /// Writes a new adjacency, gives it to the next hop and retires the old one.
    public func replaceAdjacency(ofNextHop index: UInt32, with record: stile_adjacency) throws(TablesError) {
        guard index > 0, index < header.pointee.next_hops.count else { throw .outOfRange(.nextHops) }
        let new = try addAdjacency(record)
        let old = nextHopWord(index).pointee
        stile_store_release_u32(nextHopWord(index), new)
        retireAdjacency(old)
    }

    /// Gives a next hop back that no route names any more. Its adjacency is not retired.
    public func retireNextHop(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.nextHop(index))
    }

    func nextHopWord(_ index: UInt32) -> UnsafeMutablePointer<UInt32> {
        entry(header.pointee.next_hops, Int(index), as: UInt32.self)
    }

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
