import CTableLayout

/// A root or direct-table slot of the FIB as one 64-bit word (layout: stile_fib.h).
@frozen
public struct FIBEntry: Hashable, Sendable {
    public var rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(nextHop: UInt32, reference: FIBReference) {
        rawValue = UInt64(reference.rawValue) << 32 | UInt64(nextHop)
    }

    /// The next hop of what has been matched so far; 0: none. Of an entry that is not `isInline`.
    @inlinable
    public var nextHop: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// What is below; of an entry that is not `isInline`.
    @inlinable
    public var reference: FIBReference { FIBReference(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }

    /// Whether the entry holds the one route below it.
    @inlinable
    public var isInline: Bool { reference.kind == STILE_FIB_INLINE.rawValue }

    /// Of an entry that is `isInline`: the next hop of an address whose further bits are at the top of `window`.
    @inlinable @inline(__always)
    public func inlineHop(_ window: UInt64) -> UInt32 {
        // The shift takes the last six bits of its count: 64 less the number of bits that are compared.
        let isRoute = (rawValue ^ window) &>> (rawValue &>> 38) == 0
        return UInt32(truncatingIfNeeded: rawValue &>> (isRoute ? 16 : 0)) & 0xFFFF
    }
}

/// As the writer makes entries.
extension FIBEntry {
    /// A slot with `route` alone below it; `nil` when that does not fit in a word.
    init?(nextHop: UInt32, inline route: stile_fib_route) {
        guard route.bits <= 20, route.next_hop <= UInt32(UInt16.max), nextHop <= UInt32(UInt16.max) else { return nil }
        rawValue =
            route.value | UInt64(64 - route.bits) << 38 | UInt64(STILE_FIB_INLINE.rawValue) << 32
            | UInt64(route.next_hop) << 16 | UInt64(nextHop)
    }

    /// The route of an entry that is `isInline`.
    var inlineRoute: stile_fib_route {
        let bits = 64 - UInt32(truncatingIfNeeded: rawValue >> 38 & 63)
        return stile_fib_route(
            value: rawValue & ~(UInt64.max >> UInt64(bits)),
            next_hop: UInt32(truncatingIfNeeded: rawValue >> 16) & 0xFFFF, bits: bits)
    }

    /// The next hop of all in the slot that no longer route has.
    var slotHop: UInt32 { isInline ? nextHop & 0xFFFF : nextHop }

    /// The same with another `slotHop`, which an entry that is `isInline` has 16 bits for.
    func with(slotHop: UInt32) -> FIBEntry {
        let mask: UInt64 = isInline ? 0xFFFF : 0xFFFF_FFFF
        return FIBEntry(rawValue: rawValue & ~mask | UInt64(slotHop) & mask)
    }
}
