import CTableLayout

/// The producer's side of one worker's log ring, as `FlowRing`. When stiled does not keep up, `reserve` gives nothing,
/// and the worker goes on counting the flow itself.
@frozen
public struct AccessLogRing: @unchecked Sendable {
    @usableFromInline let producer: UnsafeMutablePointer<UInt64>
    @usableFromInline let consumer: UnsafePointer<UInt64>
    @usableFromInline let slots: UnsafeMutablePointer<stile_access_log_record>

    /// - Parameters:
    ///   - producer: written by the worker alone.
    ///   - consumer: written by stiled.
    ///   - slots: `STILE_ACCESS_LOG_SLOTS` of them.
    @inlinable
    public init(
        producer: UnsafeMutablePointer<UInt64>, consumer: UnsafePointer<UInt64>,
        slots: UnsafeMutablePointer<stile_access_log_record>
    ) {
        self.producer = producer
        self.consumer = consumer
        self.slots = slots
    }

    /// The slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    public func reserve() -> UnsafeMutablePointer<stile_access_log_record>? {
        let index = stile_load_relaxed_u64(producer)
        guard index &- stile_load_acquire_u64(consumer) < UInt64(STILE_ACCESS_LOG_SLOTS) else { return nil }
        return slots + Int(truncatingIfNeeded: index % UInt64(STILE_ACCESS_LOG_SLOTS))
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() {
        stile_store_release_u64(producer, stile_load_relaxed_u64(producer) &+ 1)
    }
}
