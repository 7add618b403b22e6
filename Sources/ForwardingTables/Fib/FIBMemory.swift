import CTableLayout

/// The arena's blocks as the writer of the tries uses them: what an update has made and what it has replaced, so that
/// an update that runs out of memory is undone and one that is done retires what it replaced.
final class FIBMemory {
    let arena: FIBArena
    /// Keys the tries' route tables.
    let hashKey: UInt64
    /// Says whether readers can have the tables: while none can, replaced blocks are free at once.
    private let reclamation: Reclamation
    private var retired = ReclamationQueue<FIBReference>()
    private var made: [FIBReference] = []
    /// Octets of what this update has made.
    private var madeBytes = 0
    private var replaced: [FIBReference] = []
    /// The slots of the node that is being made: next hop and what is below.
    let hops: UnsafeMutablePointer<UInt32>
    let references: UnsafeMutablePointer<FIBReference>

    /// How the VRFs share the arena. A little of it is nobody's part: changes of routes that are there, which may need a
    /// block before they give one back, find it even when everything else is full.
    let shares: TableShares
    private static let largestReserveBytes = 1 << 18

    init(arena: FIBArena, reclamation: Reclamation, hashKey: UInt64) {
        self.arena = arena
        self.reclamation = reclamation
        let reserve = min(arena.byteCount / 16, Self.largestReserveBytes)
        shares = TableShares(capacity: arena.byteCount - reserve)
        self.hashKey = hashKey
        hops = .allocate(capacity: 64)
        hops.initialize(repeating: 0, count: 64)
        references = .allocate(capacity: 64)
        references.initialize(repeating: .none, count: 64)
    }

    deinit {
        hops.deallocate()
        references.deallocate()
    }

    func block(_ reference: FIBReference) -> UnsafeMutableRawPointer { arena.base + reference.offset }

    /// The VRF that an update adds a route to; `nil`: a route is removed or gets another next hop, which must not fail.
    var growingShare: TableShare?

    /// A new block of this update, with undefined content: the caller fills it before it asks for the next one, since
    /// a block's size is known from its content.
    func make(kind: stile_fib_kind, byteCount: Int) throws(TablesError) -> FIBReference {
        let order = FIBArena.order(holding: byteCount)
        if let growingShare,
            !growingShare.admits(1 << order, pending: madeBytes, inUse: arena.allocatedBytes)
        {
            throw .fibArenaFull
        }
        guard let offset = arena.allocate(order: order) else { throw .fibArenaFull }
        let reference = FIBReference(offset: offset, kind: kind.rawValue)
        made.append(reference)
        madeBytes += 1 << order
        return reference
    }

    /// Notes that this update makes a block unreachable. One that it has made itself is free at once.
    func replace(_ reference: FIBReference) {
        if let place = made.lastIndex(of: reference) {
            made.remove(at: place)
            madeBytes -= 1 << order(of: reference)
            free(reference)
        } else {
            replaced.append(reference)
        }
    }

    /// The update is published. Returns by how many octets the trie has grown. `isPrivate`: no reader could reach what
    /// was replaced.
    func commit(isPrivate: Bool) -> Int {
        var change = 0
        for reference in made { change += 1 << order(of: reference) }
        for reference in replaced {
            change -= 1 << order(of: reference)
            if isPrivate || !reclamation.isPublished { free(reference) } else { retired.retire(reference) }
        }
        made.removeAll(keepingCapacity: true)
        madeBytes = 0
        replaced.removeAll(keepingCapacity: true)
        return change
    }

    /// The update has failed before it was published.
    func rollBack() {
        for reference in made { free(reference) }
        made.removeAll(keepingCapacity: true)
        madeBytes = 0
        replaced.removeAll(keepingCapacity: true)
    }

    func close(epoch: UInt64) { retired.close(epoch: epoch) }

    func reclaim(passed epoch: UInt64) {
        retired.reclaim(passed: epoch) { free($0) }
    }

    var retiredCount: Int { retired.count }

    func free(_ reference: FIBReference) {
        arena.free(UInt32(reference.offset), order: order(of: reference))
    }

    /// The order of a block, from its kind and content.
    func order(of reference: FIBReference) -> Int {
        FIBArena.order(holding: byteCount(of: reference))
    }

    private func byteCount(of reference: FIBReference) -> Int {
        let block = block(reference)
        switch reference.kind {
        case STILE_FIB_SKIP.rawValue, STILE_FIB_ROUTE.rawValue:
            return MemoryLayout<stile_fib_skip>.size
        case STILE_FIB_SINGLE.rawValue, STILE_FIB_RUNS.rawValue, STILE_FIB_WIDE.rawValue:
            let node = block.load(as: stile_fib_node.self)
            return firstReference(of: reference) + 4 * node.children.nonzeroBitCount
        default:
            return 8 << Int(reference.directBits)
        }
    }
}
