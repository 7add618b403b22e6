import CTableLayout

/// The producer's side of one worker's punt ring. When stiled does not keep up, `reserve` gives nothing, and the packet
/// is lost.
@frozen
public struct PuntRing: @unchecked Sendable {
    @usableFromInline let indices: RingProducer
    @usableFromInline let slots: UnsafeMutablePointer<stile_punt_slot>

    @inlinable
    init(
        producer: UnsafeMutablePointer<UInt64>, consumer: UnsafePointer<UInt64>,
        slots: UnsafeMutablePointer<stile_punt_slot>
    ) {
        indices = RingProducer(producer: producer, consumer: consumer, slotCount: STILE_PUNT_SLOTS)
        self.slots = slots
    }

    /// The octets that a slot's data holds at most.
    @inlinable
    public static var dataCapacity: Int { MemoryLayout<stile_punt_slot>.size &- dataOffset }

    /// Where a slot's data begins.
    @inlinable
    public static var dataOffset: Int { 24 }

    /// The index of the slot that is filled next.
    @inlinable
    public var producerIndex: UInt64 { stile_load_relaxed_u64(indices.producer) }

    /// The index of the slot that stiled reads next, as it says.
    @inlinable
    public var consumerIndex: UInt64 { stile_load_acquire_u64(indices.consumer) }

    /// The slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    public func reserve() -> UnsafeMutablePointer<stile_punt_slot>? {
        guard let slot = indices.reserve() else { return nil }
        return slots + slot
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() { indices.commit() }
}
