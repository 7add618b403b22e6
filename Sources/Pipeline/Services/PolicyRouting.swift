import CTableLayout
import ForwardingTables
import PacketFormats

/// Policy-based routing: the first entry of the interface's route map that a packet meets says where it goes. What the
/// box itself is addressed by is not touched: a map that takes all packets does not cut the customer off from his own
/// gateway.
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
            let entry = entry(for: index, isIPv6: isIPv6, worker)
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
            let adjacency = tables.adjacency(ofNextHop: own.nextHop[position])
            position &+= 1
            if adjacency.pointee.kind == UInt8(STILE_ADJACENCY_RECEIVE.rawValue) {
                own.routeMapEntry[index] = 0
            } else {
                carryOut(tables.routeMapEntries + Int(own.routeMapEntry[index]), index, worker)
            }
        }
    }

    /// The index of the first entry that a packet meets; 0: none.
    @_noLocks @inline(__always)
    private static func entry(
        for index: Int, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt32 {
        let services = worker.pointee.services(of: index, .incoming)
        let first = isIPv6 ? services.pointee.route_map_ipv6_first : services.pointee.route_map_ipv4_first
        let count = isIPv6 ? services.pointee.route_map_ipv6_count : services.pointee.route_map_ipv4_count
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
        if entry.pointee.dscp != UInt8(STILE_UNMARKED) { Marking.setDSCP(entry.pointee.dscp & 63, index, worker) }
        let isSteered = takesNextHop(of: entry, index, worker) || takesRoute(of: entry, index, worker)
        let isDown = !isSteered && (entry.pointee.next_hop_count > 0 || entry.pointee.is_recursive == 1)
        stile_count_class(
            worker.pointee.serviceMemory.classCounters, entry.pointee.instance,
            isDown ? STILE_YELLOW.rawValue : STILE_GREEN.rawValue, 1, UInt64(burst.packetLength[index]))
        if isSteered {
            worker.pointee.steered |= 1 &<< UInt64(truncatingIfNeeded: index)
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
        default: return
        }
    }

    /// Gives the packet the first next hop that leads out of a circuit, if there is one.
    @_noLocks @inline(__always)
    private static func takesNextHop(
        of entry: UnsafePointer<stile_route_map_entry>, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        // stile_services.h asserts the offset.
        let nextHops = (UnsafeRawPointer(entry) + 28).assumingMemoryBound(to: UInt32.self)
        let count = min(Int(entry.pointee.next_hop_count), Int(STILE_ROUTE_MAP_NEXT_HOPS))
        var position = 0
        while position < count {
            let nextHop = nextHops[position]
            let number = stile_load_acquire_u32(worker.pointee.tables.nextHops + Int(nextHop))
            // The adjacency of a neighbor that is not resolved is of another kind. One with a label is never taken: only a
            // route says which.
            if worker.pointee.tables.adjacencies[Int(number)].kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) {
                Lookup.route(index, nextHop: nextHop, adjacency: number, worker)
                return true
            }
            position &+= 1
        }
        return false
    }

    /// Lets the packet go where the entry's address is routed in the packet's VRF, with the label of that route by an NNI,
    /// if the route leads out. Not where a host is looked for: a packet that waits comes back by its destination.
    @_noLocks @inline(never)
    private static func takesRoute(
        of entry: UnsafePointer<stile_route_map_entry>, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        guard entry.pointee.is_recursive == 1 else { return false }
        let tables = worker.pointee.tables
        let burst = worker.pointee.burst
        let address = UnsafeRawPointer(entry) + 28 + 4 &* Int(STILE_ROUTE_MAP_NEXT_HOPS_BESIDE_RECURSIVE)
        let vrf = burst.vrf[index]
        let nextHop =
            burst.flags[index].contains(.isIPv6)
            ? tables.fib.lookup(ipv6: address.networkUInt128(at: 0), root: tables.ipv6Root(ofVRF: vrf))
            : tables.fib.lookup(ipv4: address.networkUInt32(at: 0), root: tables.ipv4Root(ofVRF: vrf))
        let number = stile_load_acquire_u32(tables.nextHops + Int(nextHop))
        let kind = tables.adjacencies[Int(number)].kind
        guard
            kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) || kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue)
        else { return false }
        Lookup.route(index, nextHop: nextHop, adjacency: number, worker)
        return true
    }
}
