import CTableLayout
import ForwardingTables
import Testing

@Suite struct InjectRingTests {
    private func ring(_ memory: RingMemory<stile_inject_slot>, slots: UInt32 = 8) -> InjectRing {
        InjectRing(slots: memory.slots, slotCount: slots, producer: memory.producer, consumer: memory.consumer)
    }

    @Test func slotsComeInOrderUntilTheRingIsEmpty() {
        let memory = RingMemory<stile_inject_slot>(slots: 8)
        let ring = ring(memory)
        #expect(ring.next() == nil)
        memory.producer.pointee = 8
        for number in 0..<8 {
            #expect(ring.next() == UnsafePointer(memory.slots + number))
            ring.release()
        }
        #expect(ring.next() == nil)
        memory.producer.pointee = 9
        #expect(ring.next() == UnsafePointer(memory.slots))
    }

    @Test(arguments: [(0, 9), (5, 4), (.max, 8), (0, .max)] as [(UInt64, UInt64)])
    func impossibleIndicesAreAnEmptyRing(consumer: UInt64, producer: UInt64) {
        let memory = RingMemory<stile_inject_slot>(slots: 8)
        memory.consumer.pointee = consumer
        memory.producer.pointee = producer
        let ring = ring(memory)
        #expect(ring.next() == nil)
        #expect(memory.consumer.pointee == producer)
    }

    @Test func indicesMayWrap() {
        let memory = RingMemory<stile_inject_slot>(slots: 8)
        memory.consumer.pointee = UInt64.max
        memory.producer.pointee = 1
        let ring = ring(memory)
        #expect(ring.next() == UnsafePointer(memory.slots + 7))
        ring.release()
        #expect(ring.next() == UnsafePointer(memory.slots))
        ring.release()
        #expect(ring.next() == nil)
    }
}
