import CTableLayout

/// The producer's side of one worker's punt ring. Lossy: when stiled does not keep up, `reserve` gives nothing.
@frozen
public struct PuntRing: @unchecked Sendable {
    @usableFromInline let worker: UnsafeMutablePointer<stile_worker>
    @usableFromInline let consumer: UnsafePointer<UInt64>
    @usableFromInline let slots: UnsafeMutablePointer<stile_punt_slot>

    @inlinable
    init(
        worker: UnsafeMutablePointer<stile_worker>, consumer: UnsafePointer<UInt64>,
        slots: UnsafeMutablePointer<stile_punt_slot>
    ) {
        self.worker = worker
        self.consumer = consumer
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
        let producer = stile_load_relaxed_u64(stile_punt_producer(worker))
        guard producer &- stile_load_acquire_u64(consumer) < UInt64(STILE_PUNT_SLOTS) else { return nil }
        return slots + Int(truncatingIfNeeded: producer % UInt64(STILE_PUNT_SLOTS))
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    public func commit() {
        let producer = stile_punt_producer(worker)
        stile_store_release_u64(UnsafeMutablePointer(mutating: producer), stile_load_relaxed_u64(producer) &+ 1)
    }
}
