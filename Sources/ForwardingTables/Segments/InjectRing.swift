import CTableLayout

/// The consumer's end of the inject ring: frames that the control process wants to have sent or forwarded.
///
/// The producer is another process, so that nothing it says is trusted: indices are checked here, lengths and kinds
/// by who takes a slot.
@frozen
public struct InjectRing {
    @usableFromInline let slots: UnsafePointer<stile_inject_slot>
    @usableFromInline let slotCount: UInt64
    @usableFromInline let producer: UnsafePointer<UInt64>
    @usableFromInline let consumer: UnsafeMutablePointer<UInt64>

    /// Where a slot's data begins.
    @inlinable
    public static var dataOffset: Int { 16 }

    /// The octets that a slot's data holds at most.
    @inlinable
    public static var dataCapacity: Int { MemoryLayout<stile_inject_slot>.size &- dataOffset }

    /// - Parameters:
    ///   - slots: in the control segment.
    ///   - slotCount: 1 and up.
    ///   - producer: the control process's index.
    ///   - consumer: ours, in the data plane's segment.
    @inlinable
    public init(
        slots: UnsafePointer<stile_inject_slot>, slotCount: UInt32, producer: UnsafePointer<UInt64>,
        consumer: UnsafeMutablePointer<UInt64>
    ) {
        self.slots = slots
        self.slotCount = UInt64(max(slotCount, 1))
        self.producer = producer
        self.consumer = consumer
    }

    /// The oldest slot that has not been released; `nil` when there is none. An impossible distance between the
    /// indices (one side has started anew) is taken for an empty ring.
    @inlinable
    public func next() -> UnsafePointer<stile_inject_slot>? {
        let index = stile_load_relaxed_u64(consumer)
        let end = stile_load_acquire_u64(producer)
        guard index != end else { return nil }
        guard end &- index <= slotCount else {
            stile_store_release_u64(consumer, end)
            return nil
        }
        return slots + Int(index % slotCount)
    }

    /// Gives the slot that `next` returned back to the control process.
    @inlinable
    public func release() {
        stile_store_release_u64(consumer, stile_load_relaxed_u64(consumer) &+ 1)
    }
}
