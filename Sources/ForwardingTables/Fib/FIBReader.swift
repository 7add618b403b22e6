import CTableLayout

/// Longest-prefix match over the FIB arena, as the workers do it: a whole burst at a time, each step fetched while the
/// others are worked on. Safe while the writer updates: every lookup sees each update either done or not begun.
@frozen
public struct FIBReader: @unchecked Sendable {
    public let arena: UnsafeRawPointer

    @inlinable
    public init(arena: UnsafeRawPointer) { self.arena = arena }

    /// The first step of a lookup, when the packet is queued: finds the entry of the first bits of an IPv4 address (host
    /// byte order) below `root` (`ipv4Root(ofVRF:)`), and fetches it while the rest of the burst is queued.
    @inlinable @inline(__always)
    public func enqueue(ipv4 address: UInt32, root: UInt64, at position: Int, in queue: FIBQueue) {
        enqueue(UInt64(address) &<< 32, keys: queue.ipv4Keys, root: root, at: position, in: queue)
    }

    /// As `enqueue(ipv4:…)`, for an IPv6 address as a number in host byte order.
    @inlinable @inline(__always)
    public func enqueue(ipv6 address: UInt128, root: UInt64, at position: Int, in queue: FIBQueue) {
        enqueue(address, keys: queue.ipv6Keys, root: root, at: position, in: queue)
    }

    /// The next hops of the first `count` (at most `FIBQueue.capacity`) IPv4 addresses of `queue`, 0 where no route
    /// matches.
    @inlinable
    public func lookup(ipv4 queue: FIBQueue, count: Int, results: UnsafeMutablePointer<UInt32>) {
        lookup(queue, keys: queue.ipv4Keys, count: count, results: results)
    }

    /// As `lookup(ipv4:count:results:)`, for IPv6 addresses.
    @inlinable
    public func lookup(ipv6 queue: FIBQueue, count: Int, results: UnsafeMutablePointer<UInt32>) {
        lookup(queue, keys: queue.ipv6Keys, count: count, results: results)
    }

    /// The next hop of one IPv4 address (host byte order); 0: no route.
    @inlinable
    public func lookup(ipv4 address: UInt32, root: UInt64) -> UInt32 {
        lookup(key: UInt64(address) << 32, root: root)
    }

    /// The next hop of one IPv6 address (host byte order); 0: no route.
    @inlinable
    public func lookup(ipv6 address: UInt128, root: UInt64) -> UInt32 {
        lookup(key: address, root: root)
    }

    /// More levels than a trie over 128 bits can have: each takes 6 bits or more.
    @inlinable
    static var maximumLevels: Int { 24 }

    @inlinable @inline(__always)
    func lookup<Key: FixedWidthInteger & UnsignedInteger>(key: Key, root: UInt64) -> UInt32 {
        var remaining = key
        var entry = FIBEntry(rawValue: root)
        let defaultHop = entry.nextHop
        if entry.reference.isDirectTable {
            entry = FIBEntry(rawValue: stile_load_acquire_u64(slot(of: key, in: entry.reference)))
            remaining = dropping(FIBEntry(rawValue: root).reference.directBits, of: remaining)
        }
        if entry.isInline {
            let nextHop = entry.inlineHop(window(remaining))
            return nextHop == 0 ? defaultHop : nextHop
        }
        var nextHop = entry.nextHop == 0 ? defaultHop : entry.nextHop
        var reference = entry.reference
        var level = 0
        while !reference.isNone, level < Self.maximumLevels {
            let found = descend(reference, remaining: &remaining)
            nextHop = found.nextHop == 0 ? nextHop : found.nextHop
            reference = found.below
            level &+= 1
        }
        return nextHop
    }

    @inlinable @inline(__always)
    func enqueue<Key: FixedWidthInteger & UnsignedInteger>(
        _ key: Key, keys: UnsafeMutablePointer<Key>, root: UInt64, at position: Int, in queue: FIBQueue
    ) {
        let reference = FIBEntry(rawValue: root).reference
        queue.roots[position] = root
        guard reference.isDirectTable else {
            queue.slots[position] = UnsafePointer(queue.roots + position)
            keys[position] = key
            return
        }
        let slot = slot(of: key, in: reference)
        stile_prefetch(slot)
        queue.slots[position] = slot
        keys[position] = dropping(reference.directBits, of: key)
    }

    @inlinable @inline(__always)
    func lookup<Key: FixedWidthInteger & UnsignedInteger>(
        _ queue: FIBQueue, keys: UnsafeMutablePointer<Key>, count: Int, results: UnsafeMutablePointer<UInt32>
    ) {
        // 1. The entries.
        var position = 0
        while position < count {
            let entry = FIBEntry(rawValue: stile_load_acquire_u64(queue.slots[position]))
            stile_prefetch(arena + (entry.isInline ? 0 : entry.reference.offset))
            queue.entries[position] = entry.rawValue
            position &+= 1
        }
        // 2. The routes in them or the blocks below them, at which most lookups of IPv4 end.
        var unfinishedCount = 0
        position = 0
        while position < count {
            let entry = FIBEntry(rawValue: queue.entries[position])
            var remaining = keys[position]
            if entry.isInline {
                let nextHop = entry.inlineHop(window(remaining))
                results[position] = nextHop == 0 ? defaultHop(position, queue) : nextHop
                position &+= 1
                continue
            }
            let found = descend(entry.reference, remaining: &remaining)
            let nextHop = found.nextHop == 0 ? entry.nextHop : found.nextHop
            results[position] = nextHop == 0 ? defaultHop(position, queue) : nextHop
            if !found.below.isNone {
                stile_prefetch(arena + found.below.offset)
                keys[position] = remaining
                queue.references[position] = found.below
                queue.unfinished[unfinishedCount] = UInt8(truncatingIfNeeded: position)
                unfinishedCount &+= 1
            }
            position &+= 1
        }
        guard unfinishedCount > 0 else { return }
        finish(unfinishedCount, queue, keys: keys, results: results)
    }

    @inlinable @inline(__always)
    func defaultHop(_ position: Int, _ queue: FIBQueue) -> UInt32 {
        FIBEntry(rawValue: queue.roots[position]).nextHop
    }

    /// The next 64 bits of an address, of IPv4 with zeros behind them.
    @inlinable @inline(__always)
    func window<Key: FixedWidthInteger & UnsignedInteger>(_ remaining: Key) -> UInt64 {
        UInt64(truncatingIfNeeded: remaining &>> Key(truncatingIfNeeded: Key.bitWidth &- 64))
    }

    /// What is left of an address behind its next `bits`, which are fewer than 64: two shifts for 128 bits, where a shift by
    /// any number takes a choice as well.
    @inlinable @inline(__always)
    func dropping<Key: FixedWidthInteger & UnsignedInteger>(_ bits: UInt32, of remaining: Key) -> Key {
        remaining &<< Key(truncatingIfNeeded: bits & 63)
    }

    /// The blocks further down, a level at a time.
    @inlinable @inline(__always)
    func finish<Key: FixedWidthInteger & UnsignedInteger>(
        _ count: Int, _ queue: FIBQueue, keys: UnsafeMutablePointer<Key>, results: UnsafeMutablePointer<UInt32>
    ) {
        var unfinishedCount = count
        var level = 0
        while unfinishedCount > 0, level < Self.maximumLevels {
            var kept = 0
            var place = 0
            while place < unfinishedCount {
                let position = Int(queue.unfinished[place])
                let found = descend(queue.references[position], remaining: &keys[position])
                stile_prefetch(arena + found.below.offset)
                results[position] = found.nextHop == 0 ? results[position] : found.nextHop
                queue.references[position] = found.below
                queue.unfinished[kept] = UInt8(truncatingIfNeeded: position)
                kept &+= found.below.isNone ? 0 : 1
                place &+= 1
            }
            unfinishedCount = kept
            level &+= 1
        }
    }

    /// Where the direct table has the entry of the key's first bits.
    @inlinable @inline(__always)
    func slot<Key: FixedWidthInteger & UnsignedInteger>(of key: Key, in table: FIBReference) -> UnsafePointer<UInt64> {
        let first = window(key) &>> UInt64(truncatingIfNeeded: 64 &- table.directBits)
        return (arena + table.offset).assumingMemoryBound(to: UInt64.self) + Int(truncatingIfNeeded: first)
    }

    /// One step down from a block that is no direct table, or from none: the next hop that it has, 0 for none, and what is
    /// below. Whether a node has one next hop or runs of them differs from packet to packet, so that no branch hangs on it.
    @inlinable @inline(__always)
    func descend<Key: FixedWidthInteger & UnsignedInteger>(
        _ reference: FIBReference, remaining: inout Key
    ) -> (nextHop: UInt32, below: FIBReference) {
        let block = arena + reference.offset
        if reference.isPath {
            let bits = block.load(fromByteOffset: 12, as: UInt32.self)
            let word = stile_load_acquire_u32((block + 8).assumingMemoryBound(to: UInt32.self))
            let differing = (window(remaining) ^ block.load(as: UInt64.self)) &>> UInt64(truncatingIfNeeded: 64 &- bits)
            let found = differing == 0 ? word : 0
            guard reference.kind != STILE_FIB_ROUTE.rawValue else { return (found, .none) }
            remaining = dropping(bits, of: remaining)
            return (0, FIBReference(rawValue: found))
        }
        guard reference.kind != STILE_FIB_WIDE.rawValue else { return descend(wide: reference, remaining: &remaining) }
        let slot = UInt64(truncatingIfNeeded: remaining &>> Key(truncatingIfNeeded: Key.bitWidth &- 6))
        // The slot's bit on top, those of the slots before it below.
        let hops = stile_load_acquire_u64((block + 8).assumingMemoryBound(to: UInt64.self))
        let hopsUpToSlot = hops &<< (63 &- slot)
        let isRuns = reference.kind == STILE_FIB_RUNS.rawValue
        let hopIndex = isRuns ? hopsUpToSlot.nonzeroBitCount &- 1 : 0
        let hasHop = isRuns ? 1 : UInt32(truncatingIfNeeded: hopsUpToSlot &>> 63)
        let nextHop = UInt32((block + 16).assumingMemoryBound(to: UInt16.self)[hopIndex]) & (0 &- hasHop)
        let childrenUpToSlot = block.load(as: UInt64.self) &<< (63 &- slot)
        guard Int64(bitPattern: childrenUpToSlot) < 0 else { return (nextHop, .none) }
        let hopCount = isRuns ? hops.nonzeroBitCount : 1
        let references = block + (16 &+ (hopCount &* 2 &+ 2) & ~3)
        remaining = remaining &<< 6
        return (nextHop, child(childrenUpToSlot.nonzeroBitCount &- 1, of: references))
    }

    /// As `descend`, for wide nodes. Out of line: few boxes have any.
    @inlinable @inline(never)
    func descend<Key: FixedWidthInteger & UnsignedInteger>(
        wide reference: FIBReference, remaining: inout Key
    ) -> (nextHop: UInt32, below: FIBReference) {
        let block = arena + reference.offset
        let slot = UInt64(truncatingIfNeeded: remaining &>> Key(truncatingIfNeeded: Key.bitWidth &- 6))
        let hops = block.load(fromByteOffset: 8, as: UInt64.self)
        let hopIndex = (hops &<< (63 &- slot)).nonzeroBitCount &- 1
        let nextHop = (block + 16).assumingMemoryBound(to: UInt32.self)[hopIndex]
        let childrenUpToSlot = block.load(as: UInt64.self) &<< (63 &- slot)
        guard Int64(bitPattern: childrenUpToSlot) < 0 else { return (nextHop, .none) }
        let references = block + (16 &+ hops.nonzeroBitCount &* 4)
        remaining = remaining &<< 6
        return (nextHop, child(childrenUpToSlot.nonzeroBitCount &- 1, of: references))
    }

    @inlinable @inline(__always)
    func child(_ rank: Int, of references: UnsafeRawPointer) -> FIBReference {
        FIBReference(rawValue: stile_load_acquire_u32(references.assumingMemoryBound(to: UInt32.self) + rank))
    }
}
