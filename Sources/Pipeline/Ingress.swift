import CTableLayout
import PacketFormats

/// Port and VLAN tags → NNI or attachment circuit; what is not a labelled packet of an NNI or an IP packet of a circuit
/// ends here, as a drop or with the control process.
enum Ingress {
    /// How many frames ahead the headers are fetched. One frame's work is shorter than a miss to memory.
    static var prefetchDistance: Int { @_noLocks @inline(__always) get { 4 } }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        var received = CounterRun()
        var labelledCount = 0
        var index = 0
        while index < count, index < prefetchDistance {
            prefetch(burst.frame[index])
            index &+= 1
        }
        index = 0
        while index < count {
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frame = UnsafeRawPointer(burst.frame[index])
            let frameBytes = Int(burst.frameLength[index])
            // 1. Ethernet header and tags name the interface.
            switch EthernetEncapsulation(
                of: frame, bytes: frameBytes, port: burst.port[index], in: worker.pointee.tables)
            {
            case .malformed(let reason):
                let counter = worker.pointee.tables.counter(ofPort: burst.port[index])
                burst.owner[index] = PacketOwner(counter: counter)
                received.addReceived(counter, bytes: frameBytes, in: worker)
                worker.pointee.drop(index, reason)
            case .interface(let number, let etherType, let payloadOffset):
                let interface = worker.pointee.tables.interfaces + Int(number)
                burst.owner[index] = PacketOwner(interface: number, interface)
                received.addReceived(interface.pointee.counter, bytes: frameBytes, in: worker)
                // 2. A labelled packet on an NNI is the common case.
                if etherType == EtherType.mpls, interface.pointee.kind == UInt8(STILE_INTERFACE_NNI.rawValue) {
                    // A frame to another station came here because a switch flooded it, and is not ours to forward.
                    if isAddressed(frame, to: interface) {
                        burst.packet[index] = burst.frame[index] + (payloadOffset &+ LabelStackEntry.byteCount)
                        if worker.pointee.isStepwise {
                            burst.labelled[labelledCount] = UInt8(truncatingIfNeeded: index)
                            labelledCount &+= 1
                        } else if let header = RepeatedHeader(
                            of: index, payloadOffset: payloadOffset, payloadBytes: LabelCheck.leastBytes,
                            count: count, burst)
                        {
                            // It, and the frames behind it that have its header.
                            let alike = LabelCheck.acceptAlike(index, header, interface, count: count, worker)
                            received.addReceived(
                                interface.pointee.counter, packets: alike.packets &- 1,
                                bytes: alike.bytes &- frameBytes, in: worker)
                            index &+= alike.packets &- 1
                        } else {
                            LabelCheck.accept(index, interface, worker)
                        }
                    } else {
                        worker.pointee.drop(index, .notForThisMAC)
                    }
                } else {
                    UnlabelledIngress.accept(
                        index, interface, etherType: etherType, payloadOffset: payloadOffset, worker)
                    guard etherType == EtherType.ipv4 else { break }
                    if let header = RepeatedHeader(
                        of: index, payloadOffset: payloadOffset, payloadBytes: IPv4Header.minimumByteCount,
                        count: count, burst)
                    {
                        let alike = UnlabelledIngress.acceptAlike(index, header, interface, count: count, worker)
                        received.addReceived(
                            interface.pointee.counter, packets: alike.packets, bytes: alike.bytes, in: worker)
                        index &+= alike.packets
                    } else if payloadOffset == EthernetHeader.byteCount &+ VLANTag.byteCount,
                        !worker.pointee.isStepwise
                    {
                        index = UnlabelledIngress.acceptTagged(index &+ 1, count: count, worker) &- 1
                    }
                }
            }
            index &+= 1
        }
        received.flushReceived(in: worker)
        worker.pointee.labelledCount = labelledCount
    }

    /// The headers, and the line in front of them that a longer header grows into.
    @_noLocks @inline(__always)
    static func prefetch(_ frame: UnsafeMutableRawPointer) {
        stile_prefetch_for_write(frame)
        stile_prefetch_for_write(frame - 64)
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
