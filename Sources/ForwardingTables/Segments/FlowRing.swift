import CTableLayout

/// The producer's side of one worker's flow ring. When stiled does not keep up, `reserve` gives nothing, and the
/// record stays in the worker's cache.
@frozen
public struct FlowRing: @unchecked Sendable {
    @usableFromInline let producer: UnsafeMutablePointer<UInt64>
    @usableFromInline let consumer: UnsafePointer<UInt64>
    @usableFromInline let slots: UnsafeMutablePointer<stile_flow_record>

    /// - Parameters:
    ///   - producer: written by the worker alone.
    ///   - consumer: written by stiled.
    ///   - slots: `STILE_FLOW_SLOTS` of them.
    @inlinable
    public init(
        producer: UnsafeMutablePointer<UInt64>, consumer: UnsafePointer<UInt64>,
        slots: UnsafeMutablePointer<stile_flow_record>
    ) {
        self.producer = producer
        self.consumer = consumer
        self.slots = slots
    }

    /// The slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    public func reserve() -> UnsafeMutablePointer<stile_flow_record>? {
        let index = stile_load_relaxed_u64(producer)
        guard index &- stile_load_acquire_u64(consumer) < UInt64(STILE_FLOW_SLOTS) else { return nil }
        return slots + Int(truncatingIfNeeded: index % UInt64(STILE_FLOW_SLOTS))
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() {
        stile_store_release_u64(producer, stile_load_relaxed_u64(producer) &+ 1)
    }
}
