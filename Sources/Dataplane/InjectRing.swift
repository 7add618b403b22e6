import CTableLayout

/// The consumer's end of the inject ring: frames that the control process wants to have sent or forwarded.
///
/// The producer is another process, so that nothing it says is trusted: indices are checked here, lengths and kinds
/// by who takes a slot.
public struct InjectRing {
    private let slots: UnsafePointer<stile_inject_slot>
    private let slotCount: UInt64
    private let producer: UnsafePointer<UInt64>
    private let consumer: UnsafeMutablePointer<UInt64>

    /// Octets of a slot in front of its data.
    private static var headerBytes: Int { @_noLocks get { 16 } }
    /// Most octets that a slot holds.
    public static var capacityBytes: Int { @_noLocks get { Int(STILE_FRAME_SLOT_BYTES) &- headerBytes } }

    /// - Parameters:
    ///   - slots: in the control segment.
    ///   - slotCount: 1 and up.
    ///   - producer: the control process's index.
    ///   - consumer: ours, in the data plane's segment.
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
    @_noLocks
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
    @_noLocks
    public func release() {
        stile_store_release_u64(consumer, stile_load_relaxed_u64(consumer) &+ 1)
    }

    /// Where the slot's data begins.
    @_noLocks
    public static func data(of slot: UnsafePointer<stile_inject_slot>) -> UnsafeRawPointer {
        UnsafeRawPointer(slot) + headerBytes
    }
}
