import CTableLayout
import ForwardingTables
import Pipeline

/// The interface that a frame's port and VLAN tags name, where a frame is lost outside of the stages.
enum FrameInterface {
    /// Index of its counters, or those of the port where there is none. Tags are read as Ingress reads them.
    @_noLocks @inline(never)
    static func counter(of frame: UnsafeRawPointer, bytes: Int, port: UInt16, in tables: TablesReader) -> UInt16 {
        switch EthernetEncapsulation(of: frame, bytes: bytes, port: port, in: tables) {
        case .malformed: tables.counter(ofPort: port)
        case .interface(let number, _, _): tables.interfaces[Int(number)].counter
        }
    }
}
