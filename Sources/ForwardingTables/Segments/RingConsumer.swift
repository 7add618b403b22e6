import CTableLayout

/// stiled's side of a ring that a worker fills. The producer's index comes from the other process and is not trusted.
struct RingConsumer {
    private let producer: UnsafePointer<UInt64>
    private let consumer: UnsafeMutablePointer<UInt64>
    private let slotCount: UInt64

    /// - Parameters:
    ///   - producer: written by the worker.
    ///   - consumer: ours, in the control segment.
    ///   - slotCount: a power of two, so that the indices may wrap.
    init(producer: UnsafePointer<UInt64>, consumer: UnsafeMutablePointer<UInt64>, slotCount: Int32) {
        self.producer = producer
        self.consumer = consumer
        self.slotCount = UInt64(slotCount)
    }

    /// Calls `take` with the number of each slot that waits, at most `limit`, and gives those slots back to the worker.
    /// Returns how often something made no sense: a slot, which is when `take` is false, or the producer's index.
    func drain(limit: Int, _ take: (Int) -> Bool) -> Int {
        // Read once: the loop ends there, whatever the other process writes meanwhile.
        let end = stile_load_acquire_u64(producer)
        var index = stile_load_relaxed_u64(consumer)
        // A ring of a new file begins at 0, and a hostile index can be anything: begin again where the producer is.
        guard end &- index <= slotCount else {
            stile_store_release_u64(consumer, end)
            return 1
        }
        var skipped = 0
        var taken = 0
        while index != end, taken < limit {
            if !take(Int(index & (slotCount &- 1))) { skipped += 1 }
            index &+= 1
            taken += 1
        }
        if taken > 0 { stile_store_release_u64(consumer, index) }
        return skipped
    }
}
