import CTableLayout
import ForwardingTables
import PacketFormats

/// A packet whose label has its next hop: per next hop or per prefix, where one per VRF says no more than the VRF. It belongs
/// to the label's unit and is one of the VRF in all but this: there is no lookup of its destination.
enum LabelPop {
    /// The owner of a packet with the label of `entry`, which has its next hop from there from now on; `nil`: nothing leads there
    /// any more, and the packet has been dropped.
    @_noLocks @inline(never)
    static func owner(
        of index: Int, _ entry: PacketOwner, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> PacketOwner? {
        guard entry.popNextHop != 0 else {
            worker.pointee.drop(index, .labelWithdrawn)
            return nil
        }
        worker.pointee.lead(index, byNextHop: entry.popNextHop)
        return entry.poppedOwner(worker.pointee.tables.interfaces + Int(entry.interface))
    }

    /// Gives a packet the next hop of its label, in the place of a lookup.
    @_noLocks @inline(never)
    static func route(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let wayOut = WayOut(number: burst.steeredNumber[index], worker.pointee.tables)
        guard mayLead(wayOut.nextHop) else {
            worker.pointee.drop(index, .labelWithdrawn)
            return
        }
        wayOut.take(index, burst, worker.pointee.tables)
        burst.routed[worker.pointee.routedCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.routedCount &+= 1
    }

    /// Whether a label may have the next hop: one to a neighbor of a VRF, or one that was, which refuses packets while its interface
    /// is gone. All others say what a route says of a destination, and this packet's was not asked for. Nor are several at the
    /// same time: what another router sends here is not shared out to it.
    @_noLocks @inline(__always)
    static func mayLead(_ nextHop: NextHop) -> Bool {
        nextHop.leadsToNeighbor || nextHop.kind == STILE_NEXT_HOP_UNREACHABLE.rawValue
    }

    /// Ends a packet whose neighbor's Ethernet address is not known. It does not wait: what is held comes back by its
    /// destination, which may lead elsewhere. The neighbor is asked for as long as a label needs it.
    @_noLocks @inline(never)
    static func endUnresolved(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let egress = worker.pointee.egress(of: index)
        if let reason = Departure.refusal(of: index, by: worker.pointee.burst.nextHop[index], egress, worker) {
            worker.pointee.drop(index, reason)
        } else if worker.pointee.adjacencyIndex(of: index) == STILE_ADJACENCY_FAILED.rawValue {
            worker.pointee.drop(index, .hostUnreachable, reporting: .hostUnreachable)
        } else {
            worker.pointee.drop(index, .hostUnreachable)
        }
    }
}

extension WorkerState {
    /// Whether packet `index` has the next hop of its label, and is no answer to one.
    @_noLocks @inline(__always)
    func isPopped(_ index: Int) -> Bool {
        popped &>> UInt64(truncatingIfNeeded: index) & 1 != 0 && !burst.flags[index].contains(.madeByTheBox)
    }

    /// Notes that packet `index` has its next hop from its label.
    @_noLocks @inline(__always)
    mutating func lead(_ index: Int, byNextHop number: UInt32) {
        burst.steeredNumber[index] = number
        popped |= 1 &<< UInt64(truncatingIfNeeded: index)
    }
}
