import CTableLayout
import ForwardingTables
import PacketFormats

/// Which entry of a route map a packet meets, and which way out the entry has for it, whether the packet comes in or
/// leaves.
enum RouteMapSelection {
    /// The index of the first entry that a packet meets; 0: none.
    @_noLocks @inline(__always)
    static func entry(
        for index: Int, isIPv6: Bool, _ side: ServiceSide, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt32 {
        let services = worker.pointee.services(of: index, side)
        let maps =
            switch side {
            case .incoming: services.pointee.route_maps_in
            case .outgoing: services.pointee.route_maps_out
            }
        let first = isIPv6 ? maps.ipv6_first : maps.ipv4_first
        let count = isIPv6 ? maps.ipv6_count : maps.ipv4_count
        let length = worker.pointee.burst.packetLength[index]
        var position: UInt32 = 0
        while position < UInt32(count) {
            let candidate = worker.pointee.tables.routeMapEntries + Int(first &+ position)
            if length >= candidate.pointee.length_low, length <= candidate.pointee.length_high,
                PolicyClassMatch.meets(index, candidate.pointee.match, worker)
            {
                return first &+ position
            }
            position &+= 1
        }
        return 0
    }

    /// Marks a packet as its entry says, counts it, and returns the way out that the entry has for it.
    @_noLocks @inline(__always)
    static func apply(
        _ entry: UnsafePointer<stile_route_map_entry>, to index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> WayOut {
        if entry.pointee.dscp != UInt8(STILE_UNMARKED) { Marking.setDSCP(entry.pointee.dscp & 63, index, worker) }
        var wayOut = neighbor(of: entry, worker)
        if !wayOut.leadsOut, entry.pointee.is_recursive == 1 { wayOut = route(of: entry, index, worker) }
        let isDown = !wayOut.leadsOut && (entry.pointee.next_hop_count > 0 || entry.pointee.is_recursive == 1)
        stile_count_class(
            worker.pointee.serviceMemory.classCounters, entry.pointee.instance,
            isDown ? STILE_YELLOW.rawValue : STILE_GREEN.rawValue, 1, UInt64(worker.pointee.burst.packetLength[index]))
        return wayOut
    }

    /// The first next hop that leads out of a circuit, if there is one.
    @_noLocks @inline(__always)
    private static func neighbor(
        of entry: UnsafePointer<stile_route_map_entry>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> WayOut {
        // stile_services.h asserts the offset.
        let nextHops = (UnsafeRawPointer(entry) + 28).assumingMemoryBound(to: UInt32.self)
        let count = min(Int(entry.pointee.next_hop_count), Int(STILE_ROUTE_MAP_NEXT_HOPS))
        var position = 0
        while position < count {
            let wayOut = WayOut(number: nextHops[position], worker.pointee.tables)
            // One with a label is never taken: only a route says which.
            if wayOut.leadsOut, !wayOut.nextHop.isLabelled { return wayOut }
            position &+= 1
        }
        return .none
    }

    /// Where the entry's address is routed in the packet's VRF, with the label of that route by an NNI, if the route leads
    /// out. Not where a host is looked for: a packet that waits comes back by its destination.
    @_noLocks @inline(never)
    private static func route(
        of entry: UnsafePointer<stile_route_map_entry>, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> WayOut {
        let tables = worker.pointee.tables
        let burst = worker.pointee.burst
        let address = UnsafeRawPointer(entry) + 28 + 4 &* Int(STILE_ROUTE_MAP_NEXT_HOPS_BESIDE_RECURSIVE)
        let vrf = burst.vrf[index]
        let number =
            burst.flags[index].contains(.isIPv6)
            ? tables.fib.lookup(ipv6: address.networkUInt128(at: 0), root: tables.ipv6Root(ofVRF: vrf))
            : tables.fib.lookup(ipv4: address.networkUInt32(at: 0), root: tables.ipv4Root(ofVRF: vrf))
        let nextHop = tables.nextHop(number)
        let wayOut = WayOut(number: nextHop.isGroup ? GroupChoice.member(of: nextHop, index, worker) : number, tables)
        return wayOut.leadsOut ? wayOut : .none
    }
}
