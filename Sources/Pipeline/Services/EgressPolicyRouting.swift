import CTableLayout
import ForwardingTables

/// Policy-based routing of what leaves: the route map of the unit or circuit that a packet is routed to may send it out
/// elsewhere in its VRF, or nowhere.
///
/// One map decides about a packet: that of the interface which it leaves by in the end is not asked, so no two maps play
/// a packet to each other. What the box itself says goes by its destination.
enum EgressPolicyRouting {
    /// Goes through the list of packets that leave; whom it drops is marked in `refused`.
    @_noLocks @inline(never)
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        worker.pointee.steered = 0
        var position = 0
        while position < worker.pointee.outgoingCount {
            let index = Int(own.outgoing[position])
            position &+= 1
            let features = worker.pointee.egress(of: index).pointee.egress_features
            let flags = burst.flags[index]
            guard features & UInt8(STILE_EGRESS_ROUTE_MAP.rawValue) != 0, !flags.contains(.madeByTheBox) else {
                continue
            }
            let entry = RouteMapSelection.entry(for: index, isIPv6: flags.contains(.isIPv6), .outgoing, worker)
            own.routeMapEntry[index] = entry
            if entry != 0 { carryOut(worker.pointee.tables.routeMapEntries + Int(entry), index, worker) }
        }
    }

    @_noLocks @inline(__always)
    private static func carryOut(
        _ entry: UnsafePointer<stile_route_map_entry>, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let wayOut = RouteMapSelection.apply(entry, to: index, worker)
        guard !wayOut.leadsOut else {
            leave(index, by: wayOut, worker)
            return
        }
        switch stile_route_map_action(UInt32(entry.pointee.action)) {
        case STILE_ROUTE_MAP_LOOKUP: return
        // A VRF is chosen where packets come in: no map that sets one is attached here.
        default: worker.pointee.refuse(index, .routeMapDiscarded, .outgoing)
        }
    }

    /// What Departure asks of every packet's way out holds for this one, too.
    @_noLocks @inline(__always)
    private static func leave(_ index: Int, by wayOut: WayOut, _ worker: UnsafeMutablePointer<WorkerState>) {
        let egress = worker.pointee.tables.interfaces + Int(wayOut.nextHop.interface)
        if let reason = Departure.refusal(of: index, by: wayOut.nextHop, egress, worker) {
            worker.pointee.refused |= 1 &<< UInt64(truncatingIfNeeded: index)
            worker.pointee.drop(index, reason)
            return
        }
        worker.pointee.steer(index, by: wayOut)
        worker.pointee.outgoingFeatures |= egress.pointee.egress_features
    }
}
