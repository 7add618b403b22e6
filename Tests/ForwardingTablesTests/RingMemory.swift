/// The memory of a ring as the two segments hold it, zeroed.
final class RingMemory<Slot> {
    let slots: UnsafeMutablePointer<Slot>
    let producer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    let consumer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

    init(slots count: Int) {
        let bytes = MemoryLayout<Slot>.stride * count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        slots = memory.bindMemory(to: Slot.self, capacity: count)
        producer.initialize(to: 0)
        consumer.initialize(to: 0)
    }

    deinit {
        UnsafeMutableRawPointer(slots).deallocate()
        producer.deallocate()
        consumer.deallocate()
    }
}
