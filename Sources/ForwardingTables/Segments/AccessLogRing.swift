import CTableLayout

/// The producer's side of one worker's log ring, as `FlowRing`. When stiled does not keep up, `reserve` gives nothing,
/// and the worker goes on counting the flow itself.
@frozen
public struct AccessLogRing: @unchecked Sendable {
    @usableFromInline let indices: RingProducer
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
        indices = RingProducer(producer: producer, consumer: consumer, slotCount: STILE_ACCESS_LOG_SLOTS)
        self.slots = slots
    }

    /// The slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    public func reserve() -> UnsafeMutablePointer<stile_access_log_record>? {
        guard let slot = indices.reserve() else { return nil }
        return slots + slot
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() { indices.commit() }
}
