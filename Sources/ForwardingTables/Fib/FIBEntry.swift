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

    /// The next hop of what has been matched so far; 0: none.
    @inlinable
    public var nextHop: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// What is below.
    @inlinable
    public var reference: FIBReference { FIBReference(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
}
