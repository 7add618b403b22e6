import CTableLayout

/// The writer of one VRF's trie of one address family, with the routes it is made of.
///
/// An update makes new blocks beside the old ones and then changes one word that readers can reach (for a prefix that
/// the direct table holds: one word for each of its slots).
final class FIBTrie<Address: FixedWidthInteger & UnsignedInteger> {
    /// The route that an update sets or (next hop 0) removes.
    private struct Change {
        var address: Address
        var length: Int
        var nextHop: UInt32
    }

    private let memory: FIBMemory
    /// The VRF's root, where readers find it.
    private let rootWord: UnsafeMutablePointer<UInt64>
    private var routes: RouteTable<Address>
    /// The VRF's part of the arena.
    private let share: TableShare
    /// Octets of the arena that the trie takes.
    private(set) var byteCount = 0 {
        didSet { share.change(by: byteCount - oldValue) }
    }
    /// The number of routes at which there was no memory for another direct table; 0: never.
    private var routeCountWithoutMemory = 0

    init(memory: FIBMemory, share: TableShare, rootWord: UnsafeMutablePointer<UInt64>) {
        self.memory = memory
        self.share = share
        self.rootWord = rootWord
        routes = RouteTable(hashKey: memory.hashKey)
    }

    var routeCount: Int { routes.count }

    var directBits: Int {
        let reference = root.reference
        return reference.isDirectTable ? Int(reference.directBits) : 0
    }

    private var root: FIBEntry { FIBEntry(rawValue: rootWord.pointee) }

    func nextHop(of address: Address, length: Int) -> UInt32 { routes.nextHop(of: address, length: length) }

    func forEachRoute(_ body: (Address, Int, UInt32) -> Void) { routes.visit(body) }

    /// Adds a route or gives it another next hop. The bits of `address` behind `length` are zero.
    func set(_ address: Address, length: Int, nextHop: UInt32) throws(TablesError) {
        guard nextHop != 0 else { throw .noNextHop }
        guard routes.nextHop(of: address, length: length) != nextHop else { return }
        try apply(Change(address: address, length: length, nextHop: nextHop))
        routes.set(address, length: length, nextHop: nextHop)
        adaptDirectTable()
    }

    /// Removes a route; `false` when there is none.
    func remove(_ address: Address, length: Int) throws(TablesError) -> Bool {
        guard routes.nextHop(of: address, length: length) != 0 else { return false }
        try apply(Change(address: address, length: length, nextHop: 0))
        routes.remove(address, length: length)
        adaptDirectTable()
        return true
    }

    /// Removes all routes by one store.
    func removeAll() {
        let old = root.reference
        stile_store_release_u64(rootWord, 0)
        memory.replaceTree(old)
        byteCount += memory.commit(isPrivate: false)
        routes = RouteTable(hashKey: memory.hashKey)
    }

    private func apply(_ change: Change) throws(TablesError) {
        if change.length == 0 {
            stile_store_release_u64(rootWord, FIBEntry(nextHop: change.nextHop, reference: root.reference).rawValue)
            return
        }
        let isGrowing = change.nextHop != 0 && routes.nextHop(of: change.address, length: change.length) == 0
        memory.growingShare = isGrowing ? share : nil
        do {
            let below = try updated(root.reference, depth: 0, change)
            if below != root.reference {
                stile_store_release_u64(rootWord, FIBEntry(nextHop: root.nextHop, reference: below).rawValue)
            }
        } catch {
            memory.rollBack()
            throw error
        }
        byteCount += memory.commit(isPrivate: false)
    }

    // MARK: The direct table

    /// How many bits the table of so many routes has: it takes 32 to 128 octets a route when it is made, and one of many
    /// routes is large at once (`Bench/run`: 10,000 routes take 79 cycles a packet with 16 bits and 72 with 18; of VRFs of
    /// 500 routes 42 take 35 cycles a lookup with 10 bits and 27 with 12, 1,000 the same with both).
    /// A second IPv4 route makes a table of 512 octets, which saves a step (two lookups of two routes: 9 cycles); IPv6
    /// routes mostly have their first bits in common.
    private static func directBits(routeCount: Int) -> Int {
        switch routeCount {
        case ..<(Address.bitWidth == 32 ? 2 : 32): 0
        case ..<32: 6
        case ..<8_192: (Int.bitWidth - 1 - routeCount.leadingZeroBitCount + 4) / 2 * 2
        default: 18
        }
    }

    /// Grows the direct table at the bounds and shrinks it at half of them, so that a route that comes and goes does
    /// not move it. Without memory the trie stays as it is, slower but right.
    private func adaptDirectTable() {
        let bits = directBits
        let wanted = Self.directBits(routeCount: routes.count)
        let unwanted = Self.directBits(routeCount: routes.count * 2)
        guard wanted > bits || unwanted < bits else { return }
        guard
            routeCountWithoutMemory == 0
                || abs(routes.count - routeCountWithoutMemory) > routeCountWithoutMemory / 8
        else { return }
        let old = root.reference
        memory.growingShare = share
        do throws(TablesError) {
            let new = try rebuilt(directBits: wanted)
            stile_store_release_u64(rootWord, FIBEntry(nextHop: root.nextHop, reference: new).rawValue)
            memory.replaceTree(old)
            byteCount += memory.commit(isPrivate: false)
            routeCountWithoutMemory = 0
        } catch {
            // An attempt costs as much as all routes: the next one is when their number has changed by an eighth.
            routeCountWithoutMemory = routes.count
        }
    }

    /// The same routes in a trie of their own, which no reader knows yet.
    private func rebuilt(directBits: Int) throws(TablesError) -> FIBReference {
        var new = FIBReference.none
        do throws(TablesError) {
            if directBits > 0 { new = try memory.makeDirectTable(bits: directBits) }
            byteCount += memory.commit(isPrivate: true)
            try routes.visit { (address, length, nextHop) throws(TablesError) in
                guard length > 0 else { return }
                new = try updated(new, depth: 0, Change(address: address, length: length, nextHop: nextHop))
                byteCount += memory.commit(isPrivate: true)
            }
        } catch {
            memory.rollBack()
            memory.replaceTree(new)
            byteCount += memory.commit(isPrivate: true)
            throw error
        }
        return new
    }

    // MARK: The update

    /// What is to stand in the place of `reference`, `depth` bits down, after the change: another block, or the same
    /// when the change has been made below it.
    private func updated(_ reference: FIBReference, depth: Int, _ change: Change) throws(TablesError) -> FIBReference {
        if reference.isNone { return try path(from: depth, change) }
        if reference.isDirectTable { return try updatedDirectTable(reference, change) }
        if reference.kind == STILE_FIB_SKIP.rawValue { return try updatedSkip(reference, depth: depth, change) }
        if reference.kind == STILE_FIB_ROUTE.rawValue { return try updatedRoute(reference, depth: depth, change) }
        return try updatedNode(reference, depth: depth, change)
    }

    /// The depth of the node that a prefix of this length is marked in, on a way down from `depth`.
    private func nodeDepth(_ length: Int, from depth: Int) -> Int { depth + (length - 1 - depth) / 6 * 6 }

    /// A way from `depth` down to a route block that holds the change alone.
    private func path(from depth: Int, _ change: Change) throws(TablesError) -> FIBReference {
        guard change.nextHop != 0 else { return .none }
        var end = depth
        while change.length - end > 64 { end += 60 }
        var reference = try memory.makeRoute(
            value: window(change.address, at: end), bits: change.length - end, nextHop: change.nextHop)
        while end > depth {
            end -= 60
            reference = try memory.makeSkip(value: window(change.address, at: end), bits: 60, below: reference)
        }
        return reference
    }

    /// A single route was there. A second one takes a node where the two part.
    private func updatedRoute(_ reference: FIBReference, depth: Int, _ change: Change) throws(TablesError)
        -> FIBReference
    {
        let route = memory.block(reference).load(as: stile_fib_route.self)
        let present = Change(
            address: address(change.address, continuedBy: route.value, at: depth), length: depth + Int(route.bits),
            nextHop: route.next_hop)
        if present.address == change.address, present.length == change.length {
            if change.nextHop == 0 {
                memory.replace(reference)
                return .none
            }
            let word = (memory.block(reference) + 8).assumingMemoryBound(to: UInt32.self)
            stile_store_release_u32(word, change.nextHop)
            return reference
        }
        guard change.nextHop != 0 else { return reference }
        let equal = (window(change.address, at: depth) ^ route.value).leadingZeroBitCount / 6 * 6
        let presentDepth = nodeDepth(present.length, from: depth)
        let changeDepth = nodeDepth(change.length, from: depth)
        let fork = min(depth + equal, presentDepth, changeDepth)
        let isPresentHere = presentDepth == fork
        let isChangeHere = changeDepth == fork
        let presentBelow = isPresentHere ? FIBReference.none : try path(from: fork + 6, present)
        let changeBelow = isChangeHere ? FIBReference.none : try path(from: fork + 6, change)
        memory.clearSlots()
        if isPresentHere { paintNode(depth: fork, present) }
        if isChangeHere { paintNode(depth: fork, change) }
        if !isPresentHere { memory.references[slot(of: present.address, at: fork)] = presentBelow }
        if !isChangeHere { memory.references[slot(of: change.address, at: fork)] = changeBelow }
        let node = try memory.makeNode()
        memory.replace(reference)
        return try memory.makeSkip(value: route.value, bits: fork - depth, below: node)
    }

    private func updatedDirectTable(_ table: FIBReference, _ change: Change) throws(TablesError) -> FIBReference {
        let bits = Int(table.directBits)
        let entries = memory.block(table).assumingMemoryBound(to: UInt64.self)
        if change.length <= bits {
            let hop = change.nextHop != 0 ? change.nextHop : coveringHop(of: change, above: 0)
            if hop > UInt32(UInt16.max) { try takeOutRoutes(of: change, bits: bits, entries) }
            paint(change.address, change.length, end: bits, hop: hop, into: .table(entries))
            return table
        }
        let slot = Int(change.address >> Address(Address.bitWidth - bits))
        let entry = FIBEntry(rawValue: entries[slot])
        let present = entry.isInline ? try memory.makeRoute(of: entry) : entry.reference
        let below = try updated(present, depth: bits, change)
        let new = memory.entry(nextHop: entry.slotHop, below: below)
        if new != entry { stile_store_release_u64(entries + slot, new.rawValue) }
        return table
    }

    /// Gives the routes that the slots of a prefix hold blocks of their own, for a next hop that there is no room for
    /// beside them.
    private func takeOutRoutes(of change: Change, bits: Int, _ entries: UnsafeMutablePointer<UInt64>)
        throws(TablesError)
    {
        let first = Int(change.address >> Address(Address.bitWidth - bits))
        var taken: [(slot: Int, entry: FIBEntry)] = []
        for slot in first..<(first + 1 << (bits - change.length)) {
            let entry = FIBEntry(rawValue: entries[slot])
            guard entry.isInline else { continue }
            taken.append((slot, FIBEntry(nextHop: entry.slotHop, reference: try memory.makeRoute(of: entry))))
        }
        // Not before there has been memory for all.
        for (slot, entry) in taken { stile_store_release_u64(entries + slot, entry.rawValue) }
    }

    private func updatedSkip(_ reference: FIBReference, depth: Int, _ change: Change) throws(TablesError)
        -> FIBReference
    {
        let skip = memory.block(reference).load(as: stile_fib_skip.self)
        let bits = Int(skip.bits)
        let below = FIBReference(rawValue: skip.reference)
        let end = nodeDepth(change.length, from: depth)
        let equal = (window(change.address, at: depth) ^ skip.value).leadingZeroBitCount / 6 * 6
        let common = min(equal, bits, end - depth)
        if common == bits {
            let new = try updated(below, depth: depth + bits, change)
            if new == below { return reference }
            if new.isNone || new.isPath {
                memory.replace(reference)
                return new.isNone ? .none : try memory.makeSkip(value: skip.value, bits: bits, below: new)
            }
            let word = (memory.block(reference) + 8).assumingMemoryBound(to: UInt32.self)
            stile_store_release_u32(word, new.rawValue)
            return reference
        }
        guard change.nextHop != 0 else { return reference }
        // The ways part at `fork`, inside the skip: a node there, with what is left of the skip below it.
        let fork = depth + common
        let rest = try memory.makeSkip(value: skip.value << UInt64(common + 6), bits: bits - common - 6, below: below)
        let added = fork == end ? FIBReference.none : try path(from: fork + 6, change)
        memory.clearSlots()
        memory.references[Int((skip.value << UInt64(common)) >> 58)] = rest
        if fork == end {
            paintNode(depth: fork, change)
        } else {
            memory.references[slot(of: change.address, at: fork)] = added
        }
        let node = try memory.makeNode()
        memory.replace(reference)
        return try memory.makeSkip(value: skip.value, bits: common, below: node)
    }

    private func updatedNode(_ reference: FIBReference, depth: Int, _ change: Change) throws(TablesError)
        -> FIBReference
    {
        if nodeDepth(change.length, from: depth) == depth {
            if isUpdatedInPlace(reference, depth: depth, change) { return reference }
            memory.loadSlots(from: reference)
            paintNode(depth: depth, change)
        } else {
            let slot = slot(of: change.address, at: depth)
            let word = memory.word(of: reference, slot: slot)
            let below = FIBReference(rawValue: word?.pointee ?? 0)
            let new = try updated(below, depth: depth + 6, change)
            if new == below { return reference }
            if let word, !new.isNone {
                stile_store_release_u32(word, new.rawValue)
                return reference
            }
            memory.loadSlots(from: reference)
            memory.references[slot] = new
        }
        let node = try memory.makeNode()
        memory.replace(reference)
        return node
    }

    /// Where all slots of a node have one next hop, that of the change or none, the change is a store of which slots
    /// have it. Says whether it was.
    private func isUpdatedInPlace(_ reference: FIBReference, depth: Int, _ change: Change) -> Bool {
        guard reference.kind == STILE_FIB_SINGLE.rawValue else { return false }
        let block = memory.block(reference)
        let node = block.load(as: stile_fib_node.self)
        let nodeHop = memory.hop(0, of: reference)
        let changed = slots(of: change.address, length: change.length, at: depth)
        let word = (block + 8).assumingMemoryBound(to: UInt64.self)
        if change.nextHop != 0 {
            guard node.hops != 0, change.nextHop == nodeHop else { return false }
            stile_store_release_u64(word, node.hops | changed)
            return true
        }
        // A route that covers the removed one in this node has all slots of its own marked: mostly that rules it out
        // without a look at the routes.
        let shortest = (depth + 1..<change.length).reversed().prefix { length in
            slots(of: change.address, length: length, at: depth) & ~node.hops == 0
        }.last
        let covering = shortest.map { coveringHop(of: change, above: $0 - 1) } ?? 0
        guard covering == 0 || covering == nodeHop else { return false }
        if covering != 0 { return true }
        // A node without hops is another block when it has few children.
        let rest = node.hops & ~changed | slotsOfLonger(change.address, change.length, at: depth)
        guard rest != 0 else { return false }
        stile_store_release_u64(word, rest)
        return true
    }

    // MARK: Which slots a prefix has

    /// One bit for each slot that a prefix has in the node `depth` bits down that it is marked in.
    private func slots(of address: Address, length: Int, at depth: Int) -> UInt64 {
        let count = 1 << (depth + 6 - length)
        let first = slot(of: length == 0 ? 0 : address & ~(Address.max >> Address(length)), at: depth)
        return (UInt64.max >> UInt64(64 - count)) << UInt64(first)
    }

    /// The slots of a prefix that routes longer than it have in the same node.
    private func slotsOfLonger(_ address: Address, _ length: Int, at depth: Int) -> UInt64 {
        guard length < min(depth + 6, Address.bitWidth) else { return 0 }
        let upper = address | 1 << Address(Address.bitWidth - 1 - length)
        return slotsWithRoutes(address, length + 1, at: depth) | slotsWithRoutes(upper, length + 1, at: depth)
    }

    /// The slots of a prefix that a route has: all when it is one itself.
    private func slotsWithRoutes(_ address: Address, _ length: Int, at depth: Int) -> UInt64 {
        routes.nextHop(of: address, length: length) == 0
            ? slotsOfLonger(address, length, at: depth) : slots(of: address, length: length, at: depth)
    }

    private enum Target {
        /// The slots of the node that is being made.
        case slots(UnsafeMutablePointer<UInt32>)
        /// A direct table that readers may be using.
        case table(UnsafeMutablePointer<UInt64>)
    }

    private func paintNode(depth: Int, _ change: Change) {
        let hop = change.nextHop != 0 ? change.nextHop : coveringHop(of: change, above: depth)
        paint(change.address, change.length, end: depth + 6, hop: hop, into: .slots(memory.hops))
    }

    /// The next hop of the longest route above the changed one that is longer than `depth` bits; 0: none.
    private func coveringHop(of change: Change, above depth: Int) -> UInt32 {
        var length = change.length - 1
        while length > depth {
            let mask = Address.max << Address(Address.bitWidth - length)
            let hop = routes.nextHop(of: change.address & mask, length: length)
            if hop != 0 { return hop }
            length -= 1
        }
        return 0
    }

    /// Gives `hop` to the slots of a prefix in a block that ends `end` bits down, but for those that a longer prefix of
    /// the same block has.
    private func paint(_ address: Address, _ length: Int, end: Int, hop: UInt32, into target: Target) {
        let count = 1 << (end - length)
        let first: Int
        switch target {
        case .slots(let hops):
            first = slot(of: address, at: end - 6)
            let range = first..<(first + count)
            if length == Address.bitWidth || length == end || range.allSatisfy({ hops[$0] == 0 }) {
                for slot in range { hops[slot] = hop }
                return
            }
        case .table(let entries):
            first = Int(address >> Address(Address.bitWidth - end))
            if length == end {
                let entry = FIBEntry(rawValue: entries[first]).with(slotHop: hop)
                stile_store_release_u64(entries + first, entry.rawValue)
                return
            }
        }
        let upper = address | 1 << Address(Address.bitWidth - 1 - length)
        for half in [address, upper] where routes.nextHop(of: half, length: length + 1) == 0 {
            paint(half, length + 1, end: end, hop: hop, into: target)
        }
    }

    /// The six bits of an address that a node `depth` bits down looks at; bits behind its end are zero.
    private func slot(of address: Address, at depth: Int) -> Int {
        Int((address << Address(depth)) >> Address(Address.bitWidth - 6))
    }

    /// The address whose first `depth` bits are those of `address`, and whose next ones are `value`, left-aligned.
    private func address(_ address: Address, continuedBy value: UInt64, at depth: Int) -> Address {
        let kept = depth == 0 ? 0 : address & ~(Address.max >> Address(depth))
        let continued =
            Address.bitWidth >= 64
            ? Address(truncatingIfNeeded: value) << Address(Address.bitWidth - 64)
            : Address(truncatingIfNeeded: value >> UInt64(64 - Address.bitWidth))
        return kept | continued >> Address(depth)
    }

    /// The 64 bits of an address from `depth` on; bits behind its end are zero.
    private func window(_ address: Address, at depth: Int) -> UInt64 {
        let shifted = address << Address(depth)
        return Address.bitWidth >= 64
            ? UInt64(truncatingIfNeeded: shifted >> Address(Address.bitWidth - 64))
            : UInt64(truncatingIfNeeded: shifted) << UInt64(64 - Address.bitWidth)
    }
}
