import CTableLayout
import PacketFormats

/// Frames with labels on the circuit of a customer that is a carrier itself (RFC 4364 §9): they go on to the label check, by the
/// circuit's own table. Without a label the circuit is one like others.
enum CarrierIngress {
    @_noLocks @inline(__always)
    static func takesLabels(_ interface: UnsafePointer<stile_interface>) -> Bool {
        UInt32(interface.pointee.kind) == STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue
            && interface.pointee.flags & UInt8(STILE_FLAG_TAKES_LABELS.rawValue) != 0
    }

    @_noLocks
    static func accept(
        _ index: Int, isOurs: Bool, payloadOffset: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard isOurs else {
            worker.pointee.drop(index, .notForThisMAC)
            return
        }
        let burst = worker.pointee.burst
        // What is in it is of the customer's customers, and of no VRF here: nothing of the VRF is asked for it.
        burst.vrf[index] = 0
        burst.packet[index] = burst.frame[index] + (payloadOffset &+ LabelStackEntry.byteCount)
        burst.labelled[worker.pointee.labelledCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.labelledCount &+= 1
    }
}
