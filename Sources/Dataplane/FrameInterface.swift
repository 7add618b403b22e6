import CTableLayout
import ForwardingTables
import PacketFormats

/// The interface that a frame's port and VLAN tags name, where a frame is lost outside of the stages.
enum FrameInterface {
    /// Index of its counters, or those of the port where there is none. Tags are read as the stage Ingress reads them.
    @_noLocks @inline(never)
    static func counter(of frame: UnsafeRawPointer, bytes: Int, port: UInt16, in tables: TablesReader) -> UInt16 {
        let record = number(of: frame, bytes: bytes, port: port, in: tables)
        return record == 0 ? tables.counter(ofPort: port) : tables.interfaces[Int(record)].counter
    }

    @_noLocks
    private static func number(
        of frame: UnsafeRawPointer, bytes: Int, port: UInt16, in tables: TablesReader
    ) -> UInt32 {
        guard bytes >= EthernetHeader.byteCount else { return 0 }
        let etherType = EthernetHeader(frame).etherType
        guard etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN else {
            return tables.interface(untaggedOn: port)
        }
        let behindOuter = EthernetHeader.byteCount &+ VLANTag.byteCount
        guard bytes >= behindOuter else { return 0 }
        let outer = VLANTag(frame + EthernetHeader.byteCount)
        guard outer.etherType == EtherType.customerVLAN, outer.identifier != 0,
            tables.hasSecondLevel(port: port, outer: outer.identifier)
        else { return tables.interface(port: port, vid: outer.identifier) }
        guard bytes >= behindOuter &+ VLANTag.byteCount else { return 0 }
        return tables.interface(
            port: port, outer: outer.identifier, inner: VLANTag(frame + behindOuter).identifier)
    }
}
