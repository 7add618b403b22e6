import CTableLayout

/// The records of interfaces: circuits, NNIs, the core's, and units.
public final class InterfaceWriter {
    private let records: RecordSection<stile_interface>

    init(_ file: TablesFile) throws(TablesError) {
        records = RecordSection(.interfaces, at: file.header.pointee.interfaces, of: file)
        // Record 0, no interface's, is read without having been handed out.
        try records.commit(count: 1)
    }

    /// A record, not reachable until a VLAN slot, label entry or next hop names it. What it says of labels is the writer's.
    public func add(_ record: stile_interface) throws(TablesError) -> UInt32 {
        var record = record
        if record.kind & ~UInt8(STILE_INTERFACE_OF_CORE) == UInt8(STILE_INTERFACE_UNIT.rawValue) {
            // RFC 3032 §2.1, RFC 3443 §3.
            let isUniform = UInt32(record.flags) & STILE_FLAG_PROPAGATE_TTL.rawValue != 0
            record.label_mask = 7 << 9 | (isUniform ? 255 : 0)
            record.label_bits = 1 << 8 | (isUniform ? 0 : 255)
        } else {
            record.label_mask = 0
            record.label_bits = 0
        }
        return try records.add(record)
    }

    /// Gives a record back that is no longer reachable.
    public func retire(_ index: UInt32) { records.retire(index) }
}
