import CTableLayout

/// The producer's side of one worker's flow ring. When stiled does not keep up, `reserve` gives nothing, and the
/// record stays in the worker's cache.
@frozen
public struct FlowRing: @unchecked Sendable {
    @usableFromInline let indices: RingProducer
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
        indices = RingProducer(producer: producer, consumer: consumer, slotCount: STILE_FLOW_SLOTS)
        self.slots = slots
    }

    /// The slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    public func reserve() -> UnsafeMutablePointer<stile_flow_record>? {
        guard let slot = indices.reserve() else { return nil }
        return slots + slot
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() { indices.commit() }
}
