import CTableLayout

/// Making and reading blocks (layout: stile_fib.h).
extension FIBMemory {
    /// A direct table of `bits` (an even number, 6 to 18) bits with nothing in it.
    func makeDirectTable(bits: Int) throws(TablesError) -> FIBReference {
        let kind = stile_fib_kind(rawValue: FIBReference.directKind(bits: bits))
        let table = try make(kind: kind, byteCount: 8 << bits)
        block(table).initializeMemory(as: UInt64.self, repeating: 0, count: 1 << bits)
        return table
    }

    /// A route whose next `bits` (1 to 64) bits are the top ones of `value`.
    func makeRoute(value: UInt64, bits: Int, nextHop: UInt32) throws(TablesError) -> FIBReference {
        let route = stile_fib_route(
            value: value & ~(UInt64.max >> UInt64(bits)), next_hop: nextHop, bits: UInt32(bits))
        let reference = try make(kind: STILE_FIB_ROUTE, byteCount: MemoryLayout<stile_fib_route>.size)
        block(reference).storeBytes(of: route, as: stile_fib_route.self)
        return reference
    }

    /// The block of the route that an entry holds.
    func makeRoute(of entry: FIBEntry) throws(TablesError) -> FIBReference {
        let route = entry.inlineRoute
        return try makeRoute(value: route.value, bits: Int(route.bits), nextHop: route.next_hop)
    }

    /// An entry with `reference` below it, or with the route there in it.
    func entry(nextHop: UInt32, below reference: FIBReference) -> FIBEntry {
        if reference.kind == STILE_FIB_ROUTE.rawValue,
            let entry = FIBEntry(nextHop: nextHop, inline: block(reference).load(as: stile_fib_route.self))
        {
            replace(reference)
            return entry
        }
        return FIBEntry(nextHop: nextHop, reference: reference)
    }

    /// What compares `bits` (0 to 60) bits, the top ones of `value`, in front of `below`; joined with a skip or route
    /// block that is already there, as far as one can hold both.
    func makeSkip(value: UInt64, bits: Int, below: FIBReference) throws(TablesError) -> FIBReference {
        guard bits > 0 else { return below }
        var skip = stile_fib_skip(
            value: value & ~(UInt64.max >> UInt64(bits)), reference: below.rawValue, bits: UInt32(bits))
        if below.kind == STILE_FIB_ROUTE.rawValue {
            let route = block(below).load(as: stile_fib_route.self)
            if skip.bits + route.bits <= 64 {
                let joined = try makeRoute(
                    value: skip.value | route.value >> UInt64(bits), bits: bits + Int(route.bits),
                    nextHop: route.next_hop)
                replace(below)
                return joined
            }
        }
        if below.kind == STILE_FIB_SKIP.rawValue {
            let next = block(below).load(as: stile_fib_skip.self)
            if skip.bits + next.bits <= 60 {
                skip.value |= next.value >> UInt64(bits)
                skip.reference = next.reference
                skip.bits += next.bits
                replace(below)
            }
        }
        let reference = try make(kind: STILE_FIB_SKIP, byteCount: MemoryLayout<stile_fib_skip>.size)
        block(reference).storeBytes(of: skip, as: stile_fib_skip.self)
        return reference
    }

    /// Empties the slots of the node that is being made.
    func clearSlots() {
        hops.update(repeating: 0, count: 64)
        references.update(repeating: .none, count: 64)
    }

    /// How many octets into its block a node has the first of its references.
    func firstReference(of reference: FIBReference) -> Int {
        let hops = block(reference).load(as: stile_fib_node.self).hops
        let kind = stile_fib_kind(rawValue: reference.kind)
        return Self.firstReference(kind: kind, hopCount: kind == STILE_FIB_SINGLE ? 1 : hops.nonzeroBitCount)
    }

    private static func firstReference(kind: stile_fib_kind, hopCount: Int) -> Int {
        let hopBytes = hopCount * (kind == STILE_FIB_WIDE ? 4 : 2)
        return (MemoryLayout<stile_fib_node>.size + hopBytes + 3) / 4 * 4
    }

    /// A node's references.
    private func references(of reference: FIBReference) -> UnsafeMutablePointer<UInt32> {
        (block(reference) + firstReference(of: reference)).assumingMemoryBound(to: UInt32.self)
    }

    /// Next hop number `index` of a node.
    func hop(_ index: Int, of reference: FIBReference) -> UInt32 {
        let hops = block(reference) + MemoryLayout<stile_fib_node>.size
        return reference.kind == STILE_FIB_WIDE.rawValue
            ? hops.load(fromByteOffset: index * 4, as: UInt32.self)
            : UInt32(hops.load(fromByteOffset: index * 2, as: UInt16.self))
    }

    /// Spreads a node over the slots.
    func loadSlots(from reference: FIBReference) {
        let node = block(reference).load(as: stile_fib_node.self)
        let below = references(of: reference)
        let isSingle = reference.kind == STILE_FIB_SINGLE.rawValue
        var rank = 0
        var run = -1
        for slot in 0..<64 {
            let marked = node.hops >> UInt64(slot) & 1 == 1
            if isSingle {
                hops[slot] = marked ? hop(0, of: reference) : 0
            } else {
                run += marked ? 1 : 0
                hops[slot] = hop(run, of: reference)
            }
            if node.children >> UInt64(slot) & 1 == 1 {
                references[slot] = FIBReference(rawValue: below[rank])
                rank += 1
            } else {
                references[slot] = .none
            }
        }
    }

    /// The smallest block that says what the slots say: nothing, a skip block, or a node.
    func makeNode() throws(TablesError) -> FIBReference {
        var children: UInt64 = 0
        var marked: UInt64 = 0
        var runs: UInt64 = 1
        var hop: UInt32 = 0
        var widest: UInt32 = 0
        var isSingle = true
        for slot in 0..<64 {
            let bit = UInt64(1) << UInt64(slot)
            if !references[slot].isNone { children |= bit }
            if hops[slot] != 0 {
                marked |= bit
                isSingle = isSingle && (hop == 0 || hop == hops[slot])
                hop = hops[slot]
                widest = max(widest, hop)
            }
            if slot > 0, hops[slot] != hops[slot - 1] { runs |= bit }
        }
        if marked == 0, children.nonzeroBitCount <= 1 {
            guard children != 0 else { return .none }
            let slot = children.trailingZeroBitCount
            return try makeSkip(value: UInt64(slot) << 58, bits: 6, below: references[slot])
        }
        let kind = widest > UInt32(UInt16.max) ? STILE_FIB_WIDE : isSingle ? STILE_FIB_SINGLE : STILE_FIB_RUNS
        let hopCount = kind == STILE_FIB_SINGLE ? 1 : runs.nonzeroBitCount
        let firstReference = Self.firstReference(kind: kind, hopCount: hopCount)
        let reference = try make(kind: kind, byteCount: firstReference + 4 * children.nonzeroBitCount)
        let block = block(reference)
        block.storeBytes(
            of: stile_fib_node(children: children, hops: kind == STILE_FIB_SINGLE ? marked : runs),
            as: stile_fib_node.self)
        var end = MemoryLayout<stile_fib_node>.size
        if kind == STILE_FIB_SINGLE {
            block.storeBytes(of: UInt16(hop), toByteOffset: end, as: UInt16.self)
        } else {
            for slot in 0..<64 where runs >> UInt64(slot) & 1 == 1 {
                if kind == STILE_FIB_WIDE {
                    block.storeBytes(of: hops[slot], toByteOffset: end, as: UInt32.self)
                    end += 4
                } else {
                    block.storeBytes(of: UInt16(hops[slot]), toByteOffset: end, as: UInt16.self)
                    end += 2
                }
            }
        }
        end = firstReference
        for slot in 0..<64 where children >> UInt64(slot) & 1 == 1 {
            block.storeBytes(of: references[slot].rawValue, toByteOffset: end, as: UInt32.self)
            end += 4
        }
        return reference
    }

    /// The word of a node that refers to what is below `slot`, `nil` when nothing is.
    func word(of reference: FIBReference, slot: Int) -> UnsafeMutablePointer<UInt32>? {
        let node = block(reference).load(as: stile_fib_node.self)
        guard node.children >> UInt64(slot) & 1 == 1 else { return nil }
        let rank = (node.children & ((1 << UInt64(slot)) - 1)).nonzeroBitCount
        return references(of: reference) + rank
    }

    /// Notes all blocks from `reference` down as replaced.
    func replaceTree(_ reference: FIBReference) {
        guard !reference.isNone else { return }
        replace(reference)
        let block = block(reference)
        if reference.isDirectTable {
            let entries = block.assumingMemoryBound(to: UInt64.self)
            for slot in 0..<(1 << Int(reference.directBits)) {
                let entry = FIBEntry(rawValue: entries[slot])
                if !entry.isInline { replaceTree(entry.reference) }
            }
        } else if reference.kind == STILE_FIB_ROUTE.rawValue {
            return
        } else if reference.kind == STILE_FIB_SKIP.rawValue {
            replaceTree(FIBReference(rawValue: block.load(as: stile_fib_skip.self).reference))
        } else {
            let below = references(of: reference)
            for rank in 0..<block.load(as: stile_fib_node.self).children.nonzeroBitCount {
                replaceTree(FIBReference(rawValue: below[rank]))
            }
        }
    }
}
