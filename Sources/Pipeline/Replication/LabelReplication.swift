import CTableLayout
import ForwardingTables
import PacketFormats

/// A packet whose label leads to several at the same time: a copy goes to each member of the label's list, and each has a label
/// of its own in the place of the packet's, as if that were swapped (RFC 3031 §3.13, RFC 5332 §2). What is wrong with the
/// packet counts where it came in; what keeps a copy back, where that would have left.
///
/// No ICMP error is sent about any of it: most of what goes to several is multicast, about which there are none (RFC 1122
/// §3.2.2, RFC 4443 §2.4(e)), and an error that went on under the labels would go to all of them.
enum LabelReplication {
    /// - Parameters:
    ///   - outer: the label's stack entry, behind which `Burst.packet` is.
    ///   - available: how many octets the frame has from there on.
    @_noLocks @inline(never)
    static func run(
        _ index: Int, _ entry: PacketOwner, _ outer: LabelStackEntry, available: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        // 1. The stack is as deep as the entry says.
        guard let (packet, below) = LabelSwap.bottom(of: index, outer, entry, available: available, worker) else {
            return
        }
        burst.labelsBelow[index] = below
        // 2. A TTL above 1, and under the labels a well-formed packet. Its addresses are not looked at: most are multicast.
        let families = UInt8(truncatingIfNeeded: STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue)
        let length: UInt16
        let family: PacketFlags
        switch InternetHeader(
            at: packet, available: available &- (packet - burst.packet[index]), families: families)
        {
        case .malformed(let reason):
            worker.pointee.drop(index, outer.timeToLive <= 1 ? .labelTTLExpired : reason)
            return
        case .ipv4(let octets): (length, family) = (octets, .none)
        case .ipv6(let octets): (length, family) = (octets, .isIPv6)
        }
        guard outer.timeToLive > 1 else {
            worker.pointee.drop(index, .labelTTLExpired)
            return
        }
        burst.packet[index] = packet
        burst.packetLength[index] = length
        burst.flags[index] = family
        worker.pointee.swapped |= 1 &<< UInt64(truncatingIfNeeded: index)
        // 3. A copy to each.
        let list = worker.pointee.tables.replications + Int(entry.replicationList)
        let count = min(list.pointee.member_count, UInt32(STILE_REPLICATION_MEMBERS))
        var copies = 0
        var position: UInt32 = 0
        while position < count {
            if send(index, to: stile_replication_member(list, position), worker) { copies &+= 1 }
            position &+= 1
        }
        guard copies > 0 else {
            worker.pointee.drop(index, .noReplicationMember)
            return
        }
        burst.verdict[index] = .replicated
    }

    /// Sends a copy of the packet to a member; `false`: it did not leave.
    @_noLocks @inline(__always)
    private static func send(_ index: Int, to member: UInt32, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        // 1. The way out, which is taken as it is at this moment: its label belongs to its link. The label is never taken away, since
        // the far end knows by it what the packet is of, and the packet stays as it is.
        let wayOut = WayOut(number: member & ~STILE_MEMBER_SAME_SIDE, tables)
        guard wayOut.nextHop.isSwap, wayOut.nextHop.label != STILE_LABEL_NONE else {
            worker.pointee.countDrop(.labelWithdrawn, counter: burst.counter[index])
            return false
        }
        wayOut.take(index, burst, tables)
        let egress = worker.pointee.egress(of: index)
        let carrier = worker.pointee.carrierCounter(of: index, egress)
        // 2. Never back to where it came from.
        guard carrier != burst.counter[index] else { return false }
        // What leads into the core has no counters of its own while nothing leads there.
        let counter = carrier == 0 ? burst.counter[index] : carrier
        // 3. From an NNI to another, and from the core back there, where the member may.
        let cameFromCore = Departure.isOfCore(tables.interfaces + Int(burst.interface[index]))
        guard cameFromCore != Departure.isOfCore(egress) || member & STILE_MEMBER_SAME_SIDE != 0 else {
            worker.pointee.countDrop(cameFromCore ? .coreToCore : .transitNotAllowed, counter: counter)
            return false
        }
        // 4. A neighbor that is there.
        guard wayOut.adjacency >= STILE_ADJACENCY_FIRST.rawValue else {
            worker.pointee.countDrop(.hostUnreachable, counter: counter)
            return false
        }
        guard burst.adjacency[index].pointee.port < UInt16(STILE_MAX_PORTS) else {
            worker.pointee.countDrop(.egressPortDown, counter: counter)
            return false
        }
        // 5. The packet fits under its labels, or this copy is cut up.
        guard burst.packetLength[index] > worker.pointee.mtu(of: index, egress) else {
            return ReplicatedFrame.send(index, egress, carrier: carrier, worker)
        }
        if let reason = Oversize.refusal(of: index, egress, worker) {
            worker.pointee.countDrop(reason, counter: counter)
            return false
        }
        guard Fragmentation.cutUp(index, egress, worker) else {
            worker.pointee.countDrop(.noFrameForFragments, counter: counter)
            return false
        }
        return true
    }
}
