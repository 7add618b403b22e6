import CTableLayout
import PacketFormats

/// Port and VLAN tags → interface; what is not a labelled packet of an NNI or the core or an IP packet of a circuit
/// ends here, as a drop or with the control process.
enum Ingress {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var position = 0
        while position < worker.pointee.arrivedCount {
            let index = Int(burst.arrived[position])
            position &+= 1
            accept(index, burst, worker)
        }
        worker.pointee.arrivedCount = 0
    }

    @_noLocks @inline(__always)
    private static func accept(_ index: Int, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>) {
        let frame = UnsafeRawPointer(burst.frame[index])
        let frameLength = burst.frameLength[index]
        // 1. Ethernet header and tags name the interface.
        switch EthernetEncapsulation(
            of: frame, bytes: Int(frameLength), port: burst.port[index], in: worker.pointee.tables)
        {
        case .malformed(let reason):
            let counter = worker.pointee.tables.counter(ofPort: burst.port[index])
            burst.owner[index] = PacketOwner(counter: counter)
            worker.pointee.countReceived(counter: counter, bytes: frameLength)
            worker.pointee.drop(index, reason)
        case .interface(let number, let etherType, let payloadOffset):
            let interface = worker.pointee.tables.interfaces + Int(number)
            burst.owner[index] = PacketOwner(interface: number, interface)
            worker.pointee.countReceived(counter: interface.pointee.counter, bytes: frameLength)
            // 2. A labelled packet on an NNI or from the core is for LabelCheck.
            guard etherType == EtherType.mpls, takesLabels(interface) else {
                UnlabelledIngress.accept(
                    index, interface, etherType: etherType, payloadOffset: payloadOffset, worker)
                return
            }
            // A frame to another station came here because a switch flooded it, and is not ours to forward.
            guard isAddressed(frame, to: interface) else {
                worker.pointee.drop(index, .notForThisMAC)
                return
            }
            burst.packet[index] = burst.frame[index] + (payloadOffset &+ LabelStackEntry.byteCount)
            burst.labelled[worker.pointee.labelledCount] = UInt8(truncatingIfNeeded: index)
            worker.pointee.labelledCount &+= 1
        }
    }

    /// Whether an interface is an NNI or one of the core.
    @_noLocks @inline(__always)
    static func takesLabels(_ interface: UnsafePointer<stile_interface>) -> Bool {
        interface.pointee.kind & ~UInt8(STILE_INTERFACE_OF_CORE) == UInt8(STILE_INTERFACE_NNI.rawValue)
    }

    /// Whether the frame's destination is the interface's own address.
    @_noLocks @inline(__always)
    static func isAddressed(_ frame: UnsafeRawPointer, to interface: UnsafePointer<stile_interface>) -> Bool {
        // stile_hot.h asserts the offset; both addresses are in the order of the wire, so raw words compare. The two
        // octets behind them, which both the frame's header and the record have, are shifted out.
        let own = UnsafeRawPointer(interface).loadUnaligned(fromByteOffset: 12, as: UInt64.self)
        return UInt64(littleEndian: frame.loadUnaligned(as: UInt64.self) ^ own) &<< 16 == 0
    }
}
