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

    /// Spreads a node over the slots.
    func loadSlots(from reference: FIBReference) {
        let block = block(reference)
        let node = block.load(as: stile_fib_node.self)
        let words = (block + 16).assumingMemoryBound(to: UInt32.self)
        let isSingle = reference.kind == STILE_FIB_SINGLE.rawValue
        var below = isSingle ? 1 : node.hops.nonzeroBitCount
        var run = -1
        for slot in 0..<64 {
            let marked = node.hops >> UInt64(slot) & 1 == 1
            if isSingle {
                hops[slot] = marked ? words[0] : 0
            } else {
                run += marked ? 1 : 0
                hops[slot] = words[run]
            }
            if node.children >> UInt64(slot) & 1 == 1 {
                references[slot] = FIBReference(rawValue: words[below])
                below += 1
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
        var isSingle = true
        for slot in 0..<64 {
            let bit = UInt64(1) << UInt64(slot)
            if !references[slot].isNone { children |= bit }
            if hops[slot] != 0 {
                marked |= bit
                isSingle = isSingle && (hop == 0 || hop == hops[slot])
                hop = hops[slot]
            }
            if slot > 0, hops[slot] != hops[slot - 1] { runs |= bit }
        }
        if marked == 0, children.nonzeroBitCount <= 1 {
            guard children != 0 else { return .none }
            let slot = children.trailingZeroBitCount
            return try makeSkip(value: UInt64(slot) << 58, bits: 6, below: references[slot])
        }
        let hopCount = isSingle ? 1 : runs.nonzeroBitCount
        let reference = try make(
            kind: isSingle ? STILE_FIB_SINGLE : STILE_FIB_RUNS,
            byteCount: 16 + 4 * (hopCount + children.nonzeroBitCount))
        let block = block(reference)
        block.storeBytes(
            of: stile_fib_node(children: children, hops: isSingle ? marked : runs), as: stile_fib_node.self)
        let words = (block + 16).assumingMemoryBound(to: UInt32.self)
        var next = 0
        if isSingle {
            words[0] = hop
            next = 1
        } else {
            for slot in 0..<64 where runs >> UInt64(slot) & 1 == 1 {
                words[next] = hops[slot]
                next += 1
            }
        }
        for slot in 0..<64 where children >> UInt64(slot) & 1 == 1 {
            words[next] = references[slot].rawValue
            next += 1
        }
        return reference
    }

    /// The word of a node that refers to what is below `slot`, `nil` when nothing is.
    func word(of reference: FIBReference, slot: Int) -> UnsafeMutablePointer<UInt32>? {
        let block = block(reference)
        let node = block.load(as: stile_fib_node.self)
        guard node.children >> UInt64(slot) & 1 == 1 else { return nil }
        let hopCount = reference.kind == STILE_FIB_SINGLE.rawValue ? 1 : node.hops.nonzeroBitCount
        let rank = (node.children & ((1 << UInt64(slot)) - 1)).nonzeroBitCount
        return (block + 16).assumingMemoryBound(to: UInt32.self) + hopCount + rank
    }

    /// Notes all blocks from `reference` down as replaced.
    func replaceTree(_ reference: FIBReference) {
        guard !reference.isNone else { return }
        replace(reference)
        let block = block(reference)
        if reference.isDirectTable {
            let entries = block.assumingMemoryBound(to: UInt64.self)
            for slot in 0..<(1 << Int(reference.directBits)) {
                replaceTree(FIBEntry(rawValue: entries[slot]).reference)
            }
        } else if reference.kind == STILE_FIB_ROUTE.rawValue {
            return
        } else if reference.kind == STILE_FIB_SKIP.rawValue {
            replaceTree(FIBReference(rawValue: block.load(as: stile_fib_skip.self).reference))
        } else {
            let node = block.load(as: stile_fib_node.self)
            let hopCount = reference.kind == STILE_FIB_SINGLE.rawValue ? 1 : node.hops.nonzeroBitCount
            let words = (block + 16).assumingMemoryBound(to: UInt32.self)
            for rank in 0..<node.children.nonzeroBitCount {
                replaceTree(FIBReference(rawValue: words[hopCount + rank]))
            }
        }
    }
}
