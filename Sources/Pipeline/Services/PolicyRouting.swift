import CTableLayout
import ForwardingTables
import PacketFormats

/// Policy-based routing of what comes in: the first entry of the interface's route map that a packet meets says where it
/// goes. What the box itself is addressed by is not touched: a map that takes all packets does not cut the customer off
/// from his own gateway.
///
/// It decides no more than the next hop or the VRF. Whether the packet may leave there, and with what label, Departure
/// says of it as of every other.
enum PolicyRouting {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        route(isIPv6: false, worker)
        route(isIPv6: true, worker)
    }

    @_noLocks @inline(__always)
    private static func route(isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let tables = worker.pointee.tables
        // 1. The entry that takes each packet.
        var selected = 0
        var position = 0
        while position < worker.pointee.incomingCount {
            let index = Int(own.incoming[position])
            position &+= 1
            guard burst.flags[index].contains(.isIPv6) == isIPv6 else { continue }
            let entry = RouteMapSelection.entry(for: index, isIPv6: isIPv6, .incoming, worker)
            own.routeMapEntry[index] = entry
            guard entry != 0 else { continue }
            own.selected[selected] = UInt8(truncatingIfNeeded: index)
            selected &+= 1
        }
        guard selected > 0 else { return }
        // 2. Where the destinations are.
        lookUpDestinations(count: selected, isIPv6: isIPv6, worker)
        // 3. Off they go, but for those that are at their destination.
        position = 0
        while position < selected {
            let index = Int(own.selected[position])
            let nextHop = tables.nextHop(own.nextHop[position])
            position &+= 1
            if nextHop.kind == STILE_NEXT_HOP_RECEIVE.rawValue {
                own.routeMapEntry[index] = 0
            } else {
                carryOut(tables.routeMapEntries + Int(own.routeMapEntry[index]), index, worker)
            }
        }
    }

    @_noLocks @inline(__always)
    private static func lookUpDestinations(
        count: Int, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let own = worker.pointee.serviceBurst
        let tables = worker.pointee.tables
        var position = 0
        while position < count {
            let index = Int(own.selected[position])
            let packet = UnsafeRawPointer(burst.packet[index])
            let vrf = burst.vrf[index]
            if isIPv6 {
                tables.fib.enqueue(
                    ipv6: IPv6Header(packet).destination.rawValue, root: tables.ipv6Root(ofVRF: vrf), at: position,
                    in: own.lookups)
            } else {
                tables.fib.enqueue(
                    ipv4: IPv4Header(packet).destination.rawValue, root: tables.ipv4Root(ofVRF: vrf), at: position,
                    in: own.lookups)
            }
            position &+= 1
        }
        if isIPv6 {
            tables.fib.lookup(ipv6: own.lookups, count: count, results: own.nextHop)
        } else {
            tables.fib.lookup(ipv4: own.lookups, count: count, results: own.nextHop)
        }
    }

    /// Does with a packet what its entry says.
    @_noLocks @inline(__always)
    private static func carryOut(
        _ entry: UnsafePointer<stile_route_map_entry>, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let wayOut = RouteMapSelection.apply(entry, to: index, worker)
        guard !wayOut.leadsOut else {
            worker.pointee.steer(index, by: wayOut)
            burst.routed[worker.pointee.routedCount] = UInt8(truncatingIfNeeded: index)
            worker.pointee.routedCount &+= 1
            return
        }
        switch stile_route_map_action(UInt32(entry.pointee.action)) {
        case STILE_ROUTE_MAP_DISCARD:
            worker.pointee.refuse(index, .routeMapDiscarded, .incoming)
        case STILE_ROUTE_MAP_VRF:
            // NNI to NNI only where both VRFs allow it.
            if !worker.pointee.tables.allowsTransit(vrf: entry.pointee.vrf) {
                burst.flags[index] = burst.flags[index].without(.mayTransit)
            }
            burst.vrf[index] = entry.pointee.vrf
            // Looked up there, also where its label has a next hop.
            worker.pointee.popped &= ~(1 &<< UInt64(truncatingIfNeeded: index))
        default: return
        }
    }
}
