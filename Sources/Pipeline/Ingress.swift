import CTableLayout
import PacketFormats

/// Port and VLAN tags → NNI or attachment circuit; what is not a labelled packet of an NNI or an IP packet of a circuit
/// ends here, as a drop or with the control process.
enum Ingress {
    /// How many frames ahead the headers are fetched. One frame's work is shorter than a miss to memory.
    private static var prefetchDistance: Int { @_noLocks @inline(__always) get { 4 } }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        var received = CounterRun()
        var index = 0
        while index < count, index < prefetchDistance {
            stile_prefetch(burst.frame[index])
            index &+= 1
        }
        index = 0
        while index < count {
            if index &+ prefetchDistance < count { stile_prefetch(burst.frame[index &+ prefetchDistance]) }
            burst.verdict[index] = .pending
            burst.counter[index] = 0
            burst.vrf[index] = 0
            burst.nextHop[index] = 0
            let frame = UnsafeRawPointer(burst.frame[index])
            let frameBytes = Int(burst.frameLength[index])
            // 1. Ethernet header and tags name the interface.
            switch EthernetEncapsulation(
                of: frame, bytes: frameBytes, port: burst.port[index], in: worker.pointee.tables)
            {
            case .malformed(let reason):
                received.addReceived(0, bytes: burst.frameLength[index], in: worker)
                worker.pointee.drop(index, reason)
            case .interface(let number, let etherType, let payloadOffset):
                let interface = worker.pointee.tables.interfaces + Int(number)
                burst.interface[index] = number
                burst.counter[index] = interface.pointee.counter
                received.addReceived(interface.pointee.counter, bytes: burst.frameLength[index], in: worker)
                // 2. A labelled packet on an NNI is the common case.
                if etherType == EtherType.mpls, interface.pointee.kind == UInt8(STILE_INTERFACE_NNI.rawValue) {
                    acceptLabelled(index, interface, payloadOffset: payloadOffset, worker)
                } else {
                    burst.vrf[index] = interface.pointee.vrf
                    UnlabelledIngress.accept(
                        index, interface, etherType: etherType, payloadOffset: payloadOffset, worker)
                }
            }
            index &+= 1
        }
        received.flushReceived(in: worker)
    }

    /// A frame to another station came here because a switch flooded it, and is not ours to forward.
    @_noLocks @inline(__always)
    private static func acceptLabelled(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, payloadOffset: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let frame = UnsafeRawPointer(burst.frame[index])
        guard isAddressed(frame, to: nni) else {
            worker.pointee.drop(index, .notForThisMAC)
            return
        }
        // Only a hint: LabelCheck reads the label again, in the order of its checks.
        if Int(burst.frameLength[index]) >= payloadOffset &+ LabelStackEntry.byteCount {
            let label = LabelStackEntry(frame + payloadOffset).label &- nni.pointee.label_base
            if label < nni.pointee.label_count {
                stile_prefetch(worker.pointee.tables.labelEntries + Int(nni.pointee.label_first &+ label))
            }
        }
        burst.labelOffset[index] = UInt16(truncatingIfNeeded: payloadOffset)
        burst.labelled[worker.pointee.labelledCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.labelledCount &+= 1
    }

    /// Whether the frame's destination is the interface's own address.
    @_noLocks @inline(__always)
    static func isAddressed(_ frame: UnsafeRawPointer, to interface: UnsafePointer<stile_interface>) -> Bool {
        // stile_hot.h asserts the offset; both addresses are in the order of the wire, so raw words compare.
        let own = UnsafeRawPointer(interface) + 12
        return frame.loadUnaligned(as: UInt32.self) == own.loadUnaligned(as: UInt32.self)
            && frame.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
                == own.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
    }
}
