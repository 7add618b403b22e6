import CTableLayout

/// A reference to a block of the FIB arena: its offset in octets with the block's kind in the low four bits
/// (layout: stile_fib.h).
@frozen
public struct FIBReference: Hashable, Sendable {
    public var rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public init(offset: UInt32, kind: UInt32) { rawValue = offset | kind }

    /// Nothing there.
    @inlinable
    public static var none: FIBReference { FIBReference(rawValue: 0) }

    @inlinable
    public var isNone: Bool { rawValue == 0 }

    /// A value of `stile_fib_kind`.
    @inlinable
    public var kind: UInt32 { rawValue & 15 }

    /// Octets from the start of the arena.
    @inlinable
    public var offset: Int { Int(rawValue & ~15) }

    /// A skip or route block: address bits to compare, and what holds when they are equal.
    @inlinable
    public var isPath: Bool { kind &- STILE_FIB_SKIP.rawValue <= 1 }

    @inlinable
    public var isDirectTable: Bool { kind >= STILE_FIB_DIRECT.rawValue }

    /// Address bits that a direct table takes: an even number from 6 to 22.
    @inlinable
    public var directBits: UInt32 { (kind &- (STILE_FIB_DIRECT.rawValue &- 3)) &* 2 }

    /// The kind of a direct table of so many bits.
    static func directKind(bits: Int) -> UInt32 { STILE_FIB_DIRECT.rawValue + UInt32(bits / 2 - 3) }
}
