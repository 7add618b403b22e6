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
