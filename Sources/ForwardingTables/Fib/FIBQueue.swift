/// The lookups of one family in a burst, between their first step, `FIBReader.enqueue`, and the others,
/// `FIBReader.lookup`. One thread's memory; positions are 0 to `capacity` - 1.
@frozen
public struct FIBQueue: @unchecked Sendable {
    public static var capacity: Int { @inlinable get { 64 } }
    /// Octets of the memory that a queue takes.
    public static var byteCount: Int { @inlinable get { 2_880 } }

    /// All arrays, one behind the other: one register for the queue, and the place of an array is a constant.
    @usableFromInline let memory: UnsafeMutableRawPointer

    /// A queue in `byteCount` zeroed octets of the caller's memory, aligned to 16.
    @inlinable @inline(__always)
    public init(memory: UnsafeMutableRawPointer) { self.memory = memory }

    /// A queue in memory of its own, freed by `deallocate`.
    public init() {
        memory = .allocate(byteCount: Self.byteCount, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    public func deallocate() { memory.deallocate() }

    /// The root that each lookup begins at.
    @inlinable
    var roots: UnsafeMutablePointer<UInt64> { memory.assumingMemoryBound(to: UInt64.self) }

    /// Where each lookup's entry is: a slot of a direct table, or the root itself.
    @inlinable
    var slots: UnsafeMutablePointer<UnsafePointer<UInt64>> {
        (memory + 512).assumingMemoryBound(to: UnsafePointer<UInt64>.self)
    }

    @inlinable
    var entries: UnsafeMutablePointer<UInt64> { (memory + 1_024).assumingMemoryBound(to: UInt64.self) }

    /// What is left of each address, left-aligned. A queue is of one family at a time.
    @inlinable
    var ipv4Keys: UnsafeMutablePointer<UInt64> { (memory + 1_536).assumingMemoryBound(to: UInt64.self) }

    @inlinable
    var ipv6Keys: UnsafeMutablePointer<UInt128> { (memory + 1_536).assumingMemoryBound(to: UInt128.self) }

    /// The block that each lookup has come to.
    @inlinable
    var references: UnsafeMutablePointer<FIBReference> {
        (memory + 2_560).assumingMemoryBound(to: FIBReference.self)
    }

    /// Positions of the lookups that are not at their end.
    @inlinable
    var unfinished: UnsafeMutablePointer<UInt8> { (memory + 2_816).assumingMemoryBound(to: UInt8.self) }
}
