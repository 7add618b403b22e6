import CTableLayout

/// Longest-prefix match over the FIB arena, as the workers do it: a whole burst at a time, level by level, each level
/// prefetched while the others are worked on. Safe while the writer updates: every lookup sees each update either
/// done or not begun.
@frozen
public struct FIBReader: @unchecked Sendable {
    public let arena: UnsafeRawPointer

    @inlinable
    public init(arena: UnsafeRawPointer) { self.arena = arena }

    /// Looks up `count` IPv4 addresses (host byte order), each in the trie of its own root (`ipv4Root(ofVRF:)`), and
    /// stores the next hops in `results`, 0 where no route matches. `count` is at most `scratch.capacity`.
    @inlinable
    public func lookup(
        ipv4 addresses: UnsafePointer<UInt32>, roots: UnsafePointer<UInt64>, count: Int,
        results: UnsafeMutablePointer<UInt32>, scratch: FIBScratch
    ) {
        lookup(addresses, keys: scratch.ipv4Keys, roots: roots, count: count, results: results, scratch: scratch)
    }

    /// As `lookup(ipv4:…)`, for IPv6 addresses as numbers in host byte order.
    @inlinable
    public func lookup(
        ipv6 addresses: UnsafePointer<UInt128>, roots: UnsafePointer<UInt64>, count: Int,
        results: UnsafeMutablePointer<UInt32>, scratch: FIBScratch
    ) {
        lookup(addresses, keys: scratch.ipv6Keys, roots: roots, count: count, results: results, scratch: scratch)
    }

    /// Fetches what the lookup of an IPv4 address (host byte order) from `root` reads first: called when the packet is
    /// put in the queue, so that the line has come when the burst is looked up.
    @inlinable @inline(__always)
    public func prefetch(ipv4 address: UInt32, root: UInt64) {
        stile_prefetch(firstRead(of: FIBEntry(rawValue: root).reference, remaining: UInt64(address) << 32))
    }

    /// As `prefetch(ipv4:root:)`, for an IPv6 address.
    @inlinable @inline(__always)
    public func prefetch(ipv6 address: UInt128, root: UInt64) {
        stile_prefetch(firstRead(of: FIBEntry(rawValue: root).reference, remaining: address))
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
        let entry = FIBEntry(rawValue: root)
        var nextHop = entry.nextHop
        var reference = entry.reference
        if reference.isDirectTable { reference = enter(reference, remaining: &remaining, nextHop: &nextHop) }
        var level = 0
        while !reference.isNone, level < Self.maximumLevels {
            reference = descend(reference, remaining: &remaining, nextHop: &nextHop)
            level &+= 1
        }
        return nextHop
    }

    @inlinable @inline(__always)
    func lookup<Address: FixedWidthInteger & UnsignedInteger, Key: FixedWidthInteger & UnsignedInteger>(
        _ addresses: UnsafePointer<Address>, keys: UnsafeMutablePointer<Key>, roots: UnsafePointer<UInt64>, count: Int,
        results: UnsafeMutablePointer<UInt32>, scratch: FIBScratch
    ) {
        guard count > 0 else { return }
        let references = scratch.references
        let active = scratch.active
        // 1. The root and what is directly below it, which `prefetch` has fetched. The packets of a burst are mostly of
        // tables of one size: with both ways in one loop the common one pays for the other (5 cycles a lookup).
        var activeCount =
            FIBEntry(rawValue: roots[0]).reference.isDirectTable
            ? begin(
                addresses, keys: keys, roots: roots, count: count, results: results, scratch: scratch,
                stepsBelowRoot: false)
            : begin(
                addresses, keys: keys, roots: roots, count: count, results: results, scratch: scratch,
                stepsBelowRoot: true)
        // 2. The blocks below, a level at a time.
        var level = 0
        while activeCount > 0, level < Self.maximumLevels {
            var kept = 0
            var position = 0
            while position < activeCount {
                let packet = Int(active[position])
                var key = keys[packet]
                var nextHop = results[packet]
                let below = descend(references[packet], remaining: &key, nextHop: &nextHop)
                stile_prefetch(arena + below.offset)
                keys[packet] = key
                results[packet] = nextHop
                references[packet] = below
                active[kept] = UInt16(truncatingIfNeeded: packet)
                kept &+= below.isNone ? 0 : 1
                position &+= 1
            }
            activeCount = kept
            level &+= 1
        }
    }

    /// The first pass over a burst: through the direct tables, and, where `stepsBelowRoot`, one step where there is none.
    /// Returns how many packets have a block below that is to be looked at.
    @inlinable @inline(__always)
    func begin<Address: FixedWidthInteger & UnsignedInteger, Key: FixedWidthInteger & UnsignedInteger>(
        _ addresses: UnsafePointer<Address>, keys: UnsafeMutablePointer<Key>, roots: UnsafePointer<UInt64>, count: Int,
        results: UnsafeMutablePointer<UInt32>, scratch: FIBScratch, stepsBelowRoot: Bool
    ) -> Int {
        let references = scratch.references
        let active = scratch.active
        var activeCount = 0
        var index = 0
        while index < count {
            let entry = FIBEntry(rawValue: roots[index])
            var key =
                Key(truncatingIfNeeded: addresses[index]) &<< Key(truncatingIfNeeded: Key.bitWidth &- Address.bitWidth)
            var nextHop = entry.nextHop
            var below = entry.reference
            if below.isDirectTable {
                below = enter(below, remaining: &key, nextHop: &nextHop)
            } else if stepsBelowRoot, !below.isNone {
                below = descend(below, remaining: &key, nextHop: &nextHop)
            }
            stile_prefetch(arena + below.offset)
            keys[index] = key
            results[index] = nextHop
            references[index] = below
            active[activeCount] = UInt16(truncatingIfNeeded: index)
            activeCount &+= below.isNone ? 0 : 1
            index &+= 1
        }
        return activeCount
    }

    /// The word that the first step through `reference` reads.
    @inlinable @inline(__always)
    func firstRead<Key: FixedWidthInteger & UnsignedInteger>(
        of reference: FIBReference, remaining: Key
    ) -> UnsafeRawPointer {
        let block = arena + reference.offset
        guard reference.isDirectTable else { return block }
        let shift = Key(truncatingIfNeeded: Key.bitWidth) &- Key(truncatingIfNeeded: reference.directBits)
        return block + Int(truncatingIfNeeded: remaining &>> shift) &* 8
    }

    /// Through the direct table of a root: takes its bits from `remaining`, replaces `nextHop` if the table has one for
    /// them, and returns what is below.
    @inlinable @inline(__always)
    func enter<Key: FixedWidthInteger & UnsignedInteger>(
        _ reference: FIBReference, remaining: inout Key, nextHop: inout UInt32
    ) -> FIBReference {
        let slot = firstRead(of: reference, remaining: remaining).assumingMemoryBound(to: UInt64.self)
        let entry = FIBEntry(rawValue: stile_load_acquire_u64(slot))
        remaining = remaining &<< Key(truncatingIfNeeded: reference.directBits)
        nextHop = entry.nextHop == 0 ? nextHop : entry.nextHop
        return entry.reference
    }

    /// One step down from a block that is no direct table. Its only branch is whether bits are compared or counted:
    /// all else differs from packet to packet, so that a branch would often be foretold wrongly.
    @inlinable @inline(__always)
    func descend<Key: FixedWidthInteger & UnsignedInteger>(
        _ reference: FIBReference, remaining: inout Key, nextHop: inout UInt32
    ) -> FIBReference {
        let block = arena + reference.offset
        let first = block.load(as: UInt64.self)
        let words = (block + 16).assumingMemoryBound(to: UInt32.self)
        let hop: UInt32
        let below: UInt32
        if reference.isPath {
            let window = UInt64(truncatingIfNeeded: remaining &>> Key(truncatingIfNeeded: Key.bitWidth &- 64))
            let bits = block.load(fromByteOffset: 12, as: UInt32.self)
            let word = stile_load_acquire_u32(words - 2)
            let found = (window ^ first) &>> UInt64(truncatingIfNeeded: 64 &- bits) == 0 ? word : 0
            let ends = mask(reference.kind == STILE_FIB_ROUTE.rawValue)
            remaining = remaining &<< Key(truncatingIfNeeded: bits)
            hop = found & ends
            below = found & ~ends
        } else {
            let slot = UInt64(truncatingIfNeeded: remaining &>> Key(truncatingIfNeeded: Key.bitWidth &- 6))
            remaining = remaining &<< 6
            let hops = stile_load_acquire_u64((block + 8).assumingMemoryBound(to: UInt64.self))
            let upToSlot = (2 &<< slot) &- 1
            let isRuns = reference.kind == STILE_FIB_RUNS.rawValue
            let run = (hops & upToSlot).nonzeroBitCount &- 1
            let hasHop = isRuns ? 1 : UInt32(truncatingIfNeeded: hops &>> slot) & 1
            hop = words[isRuns ? run : 0] & (0 &- hasHop)
            let hasChild = UInt32(truncatingIfNeeded: first &>> slot) & 1
            let child = (isRuns ? hops.nonzeroBitCount : 1) &+ (first & (upToSlot &>> 1)).nonzeroBitCount
            // Without a child the first word is read and not used: there may be no word behind the last one.
            below = stile_load_acquire_u32(words + (hasChild == 0 ? 0 : child)) & (0 &- hasChild)
        }
        nextHop = hop == 0 ? nextHop : hop
        return FIBReference(rawValue: below)
    }

    @inlinable @inline(__always)
    func mask(_ condition: Bool) -> UInt32 { condition ? .max : 0 }
}
