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
        var last = LabelledHeader()
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
            // A neighbor's labelled frames have one Ethernet header, and what was decided for one holds for the next.
            if last.isHeader(of: frame, bytes: frameBytes, port: burst.port[index]) {
                burst.owner[index] = last.owner
                received.addReceived(last.counter, bytes: burst.frameLength[index], in: worker)
                enqueueLabelled(index, burst.frame[index] + EthernetHeader.byteCount, &labelledCount, burst)
                index &+= 1
                continue
            }
            // 1. Ethernet header and tags name the interface.
            switch EthernetEncapsulation(
                of: frame, bytes: frameBytes, port: burst.port[index], in: worker.pointee.tables)
            {
            case .malformed(let reason):
                burst.counter[index] = 0
                received.addReceived(0, bytes: burst.frameLength[index], in: worker)
                worker.pointee.drop(index, reason)
            case .interface(let number, let etherType, let payloadOffset):
                let interface = worker.pointee.tables.interfaces + Int(number)
                burst.interface[index] = number
                burst.counter[index] = interface.pointee.counter
                received.addReceived(interface.pointee.counter, bytes: burst.frameLength[index], in: worker)
                // 2. A labelled packet on an NNI is the common case.
                if etherType == EtherType.mpls, interface.pointee.kind == UInt8(STILE_INTERFACE_NNI.rawValue) {
                    // A frame to another station came here because a switch flooded it, and is not ours to forward.
                    if isAddressed(frame, to: interface) {
                        enqueueLabelled(index, burst.frame[index] + payloadOffset, &labelledCount, burst)
                        if payloadOffset == EthernetHeader.byteCount {
                            last = LabelledHeader(
                                of: frame, port: burst.port[index], owner: burst.owner[index],
                                counter: interface.pointee.counter)
                        }
                    } else {
                        worker.pointee.drop(index, .notForThisMAC)
                    }
                } else {
                    burst.vrf[index] = interface.pointee.vrf
                    UnlabelledIngress.accept(
                        index, interface, etherType: etherType, payloadOffset: payloadOffset, worker)
                }
            }
            index &+= 1
        }
        received.flushReceived(in: worker)
        worker.pointee.labelledCount = labelledCount
    }

    /// The headers, and the line in front of them that a longer header grows into.
    @_noLocks @inline(__always)
    private static func prefetch(_ frame: UnsafeMutableRawPointer) {
        stile_prefetch_for_write(frame)
        stile_prefetch_for_write(frame - 64)
    }

    @_noLocks @inline(__always)
    private static func enqueueLabelled(
        _ index: Int, _ labelStack: UnsafeMutableRawPointer, _ labelledCount: inout Int, _ burst: Burst
    ) {
        burst.packet[index] = labelStack + LabelStackEntry.byteCount
        burst.labelled[labelledCount] = UInt8(truncatingIfNeeded: index)
        labelledCount &+= 1
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

/// The untagged Ethernet header of a labelled frame that an NNI has taken.
private struct LabelledHeader {
    /// Octets 0 to 7 and 6 to 13 as they are in memory; without meaning while `owner` is 0.
    private var addresses: UInt64 = 0
    private var sourceAndType: UInt64 = 0
    private var port: UInt16 = 0
    private(set) var counter: UInt16 = 0
    /// What `Burst.owner` says of its frames.
    private(set) var owner = PacketOwner(rawValue: 0)

    @_noLocks @inline(__always)
    init() {}

    @_noLocks @inline(__always)
    init(of frame: UnsafeRawPointer, port: UInt16, owner: PacketOwner, counter: UInt16) {
        addresses = frame.loadUnaligned(as: UInt64.self)
        sourceAndType = frame.loadUnaligned(fromByteOffset: 6, as: UInt64.self)
        self.port = port
        self.owner = owner
        self.counter = counter
    }

    @_noLocks @inline(__always)
    func isHeader(of frame: UnsafeRawPointer, bytes: Int, port: UInt16) -> Bool {
        owner.rawValue != 0 && bytes >= EthernetHeader.byteCount && port == self.port
            && frame.loadUnaligned(as: UInt64.self) == addresses
            && frame.loadUnaligned(fromByteOffset: 6, as: UInt64.self) == sourceAndType
    }
}
