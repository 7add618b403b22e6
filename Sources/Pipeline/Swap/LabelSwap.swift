import CTableLayout
import ForwardingTables
import PacketFormats

/// A packet whose label is swapped (RFC 3031 §3.13): by the label's entry alone, in no VRF. What fails is dropped and counts on
/// the NNI or core interface that the packet came in by, whose it stays.
enum LabelSwap {
    /// - Parameters:
    ///   - outer: the label's stack entry, behind which `Burst.packet` is.
    ///   - available: how many octets the frame has from there on.
    @_noLocks @inline(never)
    static func run(
        _ index: Int, _ entry: PacketOwner, _ outer: LabelStackEntry, available: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        // 1. The way out is one of swapped packets: what was taken back leads nowhere, however deep its stacks are.
        let wayOut = WayOut(number: entry.swapNextHop, worker.pointee.tables)
        guard wayOut.nextHop.isSwap else {
            worker.pointee.drop(index, .labelWithdrawn)
            return
        }
        // 2. The stack is as deep as the entry says; what the labels under this one mean only the far end knows. And from here the way
        //    may be taken.
        guard let (packet, below) = bottom(of: index, outer, entry, available: available, worker) else { return }
        wayOut.take(index, burst, worker.pointee.tables)
        let nni = worker.pointee.tables.interfaces + Int(burst.interface[index])
        let egress = worker.pointee.egress(of: index)
        guard mayCross(entry, from: nni, to: egress) else {
            worker.pointee.drop(index, Departure.isOfCore(egress) ? .coreToCore : .transitNotAllowed)
            return
        }
        burst.labelsBelow[index] = below
        guard wayOut.adjacency >= STILE_ADJACENCY_FIRST.rawValue else {
            worker.pointee.drop(index, .hostUnreachable)
            return
        }
        guard !entry.has(STILE_SWAP_FRAME) else {
            takeFrame(index, packet, length: available, isExpired: outer.timeToLive <= 1, worker)
            return
        }
        // 3. Under the labels is a well-formed packet, which is the most that can be asked of it where the label does not say
        // more, and 4. a TTL above 1.
        let ipv4 = entry.has(STILE_SWAP_IPV6) ? 0 : STILE_FLAG_IPV4.rawValue
        let families = UInt8(truncatingIfNeeded: ipv4 | STILE_FLAG_IPV6.rawValue)
        let isExpired = outer.timeToLive <= 1
        switch InternetHeader(
            at: packet, available: available &- (packet - burst.packet[index]), families: families)
        {
        case .malformed(let reason):
            worker.pointee.drop(index, isExpired ? .labelTTLExpired : reason)
        case .ipv4(let length):
            burst.packet[index] = packet
            guard isAdmitted(packet, length, isIPv6: false, entry, nni, worker) else {
                worker.pointee.drop(index, .labelPayload)
                return
            }
            leave(index, length: length, .none, isExpired: isExpired, worker)
        case .ipv6(let length):
            burst.packet[index] = packet
            guard isAdmitted(packet, length, isIPv6: true, entry, nni, worker) else {
                worker.pointee.drop(index, .labelPayload)
                return
            }
            leave(index, length: length, .isIPv6, isExpired: isExpired, worker)
        }
    }

    /// Under the label is an Ethernet frame, or one behind a control word (RFC 4448 §4.6): what is in it is for the PE to look at, and
    /// no router on the way answers it or cuts it up.
    @_noLocks @inline(never)
    private static func takeFrame(
        _ index: Int, _ frame: UnsafeMutableRawPointer, length: Int, isExpired: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        guard !isExpired else {
            worker.pointee.drop(index, .labelTTLExpired)
            return
        }
        // A datagram's length, code point and port are made of an IP header.
        let adjacency = burst.adjacency[index]
        let isDatagram = adjacency.pointee.has_transport != 0 && adjacency.transport.pointee.is_encapsulated != 0
        guard length >= EthernetHeader.byteCount, !isDatagram else {
            worker.pointee.drop(index, .labelPayload)
            return
        }
        guard length <= Int(worker.pointee.mtu(of: index, worker.pointee.egress(of: index))) else {
            worker.pointee.drop(index, .packetTooBig)
            return
        }
        burst.packet[index] = frame
        burst.packetLength[index] = UInt16(truncatingIfNeeded: length)
        burst.flags[index] = .none
        worker.pointee.swapped |= 1 &<< UInt64(truncatingIfNeeded: index)
        burst.departing[worker.pointee.departingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.departingCount &+= 1
    }

    /// Whether a label may carry the packet.
    @_noLocks @inline(__always)
    private static func isAdmitted(
        _ packet: UnsafeRawPointer, _ length: UInt16, isIPv6: Bool, _ entry: PacketOwner,
        _ nni: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        !entry.has(STILE_SWAP_SESSIONS)
            || SwapSessions.admit(packet, bytes: Int(length), isIPv6: isIPv6, nni, worker.pointee.tables)
    }

    /// Whether a packet that came in by one interface may leave by another: NNI to NNI where the entry says so, core to core
    /// never.
    @_noLocks @inline(__always)
    static func mayCross(
        _ entry: PacketOwner, from nni: UnsafePointer<stile_interface>, to egress: UnsafePointer<stile_interface>
    ) -> Bool {
        let isToCore = Departure.isOfCore(egress)
        return Departure.isOfCore(nni) != isToCore || !isToCore && entry.has(STILE_FLAG_TRANSIT)
    }

    /// The packet under the stack, and how many labels are between; `nil`: the stack is deeper or less deep than it has to be, or
    /// ends with the frame.
    @_noLocks @inline(__always)
    static func bottom(
        of index: Int, _ outer: LabelStackEntry, _ entry: PacketOwner, available: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> (packet: UnsafeMutableRawPointer, below: UInt8)? {
        var packet = worker.pointee.burst.packet[index]
        var left = available
        var isBottom = outer.isBottomOfStack
        var below: UInt8 = 0
        let most = entry.swapDepth &+ (entry.has(STILE_SWAP_ENTROPY) ? 2 : 0)
        let isUpTo = entry.has(STILE_SWAP_UP_TO)
        var isAdmitted = true
        var isReserved = false
        while !isBottom, below < most {
            guard left >= LabelStackEntry.byteCount else {
                worker.pointee.drop(index, .labelStackTruncated)
                return nil
            }
            let label = LabelStackEntry(packet)
            // RFC 6790 §3: an entropy label stands under the indicator, and is no reserved one.
            if below == entry.swapDepth {
                isAdmitted = label.label == entropyLabelIndicator
            } else if label.isReserved, !isUpTo || label.label != entropyLabelIndicator || label.isBottomOfStack {
                // No PE gives one, and explicit null is unlabelled access to its own tables.
                isReserved = true
            }
            isBottom = label.isBottomOfStack
            packet += LabelStackEntry.byteCount
            left &-= LabelStackEntry.byteCount
            below &+= 1
        }
        guard isBottom, isAdmitted, isUpTo || below == entry.swapDepth || below == most else {
            worker.pointee.drop(index, .labelStackDepth)
            return nil
        }
        guard !isReserved else {
            worker.pointee.drop(index, .labelReserved)
            return nil
        }
        return (packet, below)
    }

    /// RFC 6790 §8.1.
    private static var entropyLabelIndicator: UInt32 { @_noLocks @inline(__always) get { 7 } }

    /// 5. The packet fits under its labels, or is cut up (RFC 3032 §3.4), and goes to Imposition.
    @_noLocks @inline(__always)
    private static func leave(
        _ index: Int, length: UInt16, _ family: PacketFlags, isExpired: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        burst.packetLength[index] = length
        burst.flags[index] = family
        worker.pointee.swapped |= 1 &<< UInt64(truncatingIfNeeded: index)
        guard !isExpired else {
            worker.pointee.drop(index, .labelTTLExpired, reporting: .timeExceeded)
            return
        }
        let egress = worker.pointee.egress(of: index)
        guard length <= worker.pointee.mtu(of: index, egress) else {
            Oversize.run(index, egress, worker)
            return
        }
        burst.departing[worker.pointee.departingCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.departingCount &+= 1
    }
}
