import CTableLayout
import ForwardingTables

/// A worker's ring of flow or log records in plain memory, and what was taken from it.
final class RecordCollector<Record> {
    private let producer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let consumer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let slots: UnsafeMutablePointer<Record>
    private let slotCount: Int

    private init(slotCount: Int32, of record: Record) {
        self.slotCount = Int(slotCount)
        slots = .allocate(capacity: self.slotCount)
        slots.initialize(repeating: record, count: self.slotCount)
        producer.initialize(to: 0)
        consumer.initialize(to: 0)
    }

    deinit {
        producer.deallocate()
        consumer.deallocate()
        slots.deallocate()
    }

    func take() -> [Record] {
        var records: [Record] = []
        while consumer.pointee != producer.pointee {
            records.append(slots[Int(consumer.pointee) % slotCount])
            consumer.pointee += 1
        }
        return records
    }

    /// Leaves no slot free.
    func fill() { producer.pointee = consumer.pointee + UInt64(slotCount) }
}

extension RecordCollector<stile_flow_record> {
    convenience init() { self.init(slotCount: STILE_FLOW_SLOTS, of: stile_flow_record()) }

    /// Valid while the collector lives.
    var ring: FlowRing { FlowRing(producer: producer, consumer: consumer, slots: slots) }
}

extension RecordCollector<stile_access_log_record> {
    convenience init() { self.init(slotCount: STILE_ACCESS_LOG_SLOTS, of: stile_access_log_record()) }

    /// Valid while the collector lives.
    var ring: AccessLogRing { AccessLogRing(producer: producer, consumer: consumer, slots: slots) }
}
