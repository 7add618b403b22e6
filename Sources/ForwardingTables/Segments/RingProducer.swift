import CTableLayout

/// The producer's indices of a ring between a worker and stiled. Lossy: when stiled does not keep up, `reserve` gives
/// nothing, and the worker never waits.
@frozen @usableFromInline
struct RingProducer: @unchecked Sendable {
    @usableFromInline let producer: UnsafeMutablePointer<UInt64>
    @usableFromInline let consumer: UnsafePointer<UInt64>
    @usableFromInline let slotCount: UInt64

    /// - Parameters:
    ///   - producer: written by the worker alone.
    ///   - consumer: written by stiled.
    ///   - slotCount: a power of two, so that the indices may wrap.
    @inlinable
    init(producer: UnsafeMutablePointer<UInt64>, consumer: UnsafePointer<UInt64>, slotCount: Int32) {
        self.producer = producer
        self.consumer = consumer
        self.slotCount = UInt64(slotCount)
    }

    /// The number of the slot to fill and then `commit`; `nil` when the ring is full.
    @inlinable
    func reserve() -> Int? {
        let index = stile_load_relaxed_u64(producer)
        guard index &- stile_load_acquire_u64(consumer) < slotCount else { return nil }
        return Int(truncatingIfNeeded: index & (slotCount &- 1))
    }

    /// Hands the slot that `reserve` gave to stiled.
    @inlinable
    func commit() { stile_store_release_u64(producer, stile_load_relaxed_u64(producer) &+ 1) }
}
