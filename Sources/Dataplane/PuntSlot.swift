import CTableLayout
import ForwardingTables
import Pipeline

/// The filling of a slot of the punt ring.
enum PuntSlot {
    /// `record.length` is at most `PuntRing.dataCapacity`.
    @_noLocks
    static func fill(_ slot: UnsafeMutablePointer<stile_punt_slot>, from record: PuntRecord) {
        slot.pointee.length = UInt32(record.length)
        slot.pointee.punt_class = UInt16(record.puntClass.rawValue)
        slot.pointee.port = record.port
        slot.pointee.counter = record.counter
        slot.pointee.vrf = record.vrf
        slot.pointee.is_frame = record.puntClass.isFrame ? 1 : 0
        slot.pointee.is_own = record.isOwn ? 1 : 0
        let data = UnsafeMutableRawPointer(slot) + PuntRing.dataOffset
        data.copyMemory(from: record.data, byteCount: Int(record.length))
    }
}
