import CTableLayout
import ForwardingTables

/// A flow ring in plain memory, and what was taken from it.
final class FlowCollector {
    private let producer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let consumer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let slots = UnsafeMutablePointer<stile_flow_record>.allocate(capacity: Int(STILE_FLOW_SLOTS))

    init() {
        producer.initialize(to: 0)
        consumer.initialize(to: 0)
        slots.initialize(repeating: stile_flow_record(), count: Int(STILE_FLOW_SLOTS))
    }

    deinit {
        producer.deallocate()
        consumer.deallocate()
        slots.deallocate()
    }

    /// Valid while the collector lives.
    var ring: FlowRing { FlowRing(producer: producer, consumer: consumer, slots: slots) }

    func take(atMost limit: Int = .max) -> [stile_flow_record] {
        var records: [stile_flow_record] = []
        while consumer.pointee != producer.pointee, records.count < limit {
            records.append(slots[Int(consumer.pointee % UInt64(STILE_FLOW_SLOTS))])
            consumer.pointee += 1
        }
        return records
    }
}
