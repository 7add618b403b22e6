import CTableLayout
import ForwardingTables

/// Policy-based routing: the first entry of the interface's route map that a packet meets says where it goes. An entry
/// whose next hops are all unresolved or down leaves the packet to the lookup by destination.
enum PolicyRouting {
    /// Whether the packet's way is decided: it is among the routed ones or dropped. Otherwise it is to be looked up, in
    /// the VRF that it has now.
    @_noLocks
    static func decides(_ index: Int, isIPv6: Bool, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        let services = tables.services + Int(worker.pointee.serviceBurst.services[index])
        let first = isIPv6 ? services.pointee.route_map_ipv6_first : services.pointee.route_map_ipv4_first
        let count = isIPv6 ? services.pointee.route_map_ipv6_count : services.pointee.route_map_ipv4_count
        var position: UInt32 = 0
        while position < UInt32(count) {
            let entry = tables.routeMapEntries + Int(first &+ position)
            position &+= 1
            let length = burst.packetLength[index]
            guard length >= entry.pointee.length_low, length <= entry.pointee.length_high,
                entry.pointee.access_list == 0 || AccessListCheck.permits(entry.pointee.access_list, index, worker)
            else { continue }
            stile_count_class(
                worker.pointee.serviceMemory.classCounters, entry.pointee.instance, STILE_GREEN.rawValue, 1,
                UInt64(length))
            if entry.pointee.dscp != UInt8(STILE_UNMARKED) { Marking.setDSCP(entry.pointee.dscp & 63, index, worker) }
            switch stile_route_map_action(UInt32(entry.pointee.action)) {
            case STILE_ROUTE_MAP_DISCARD:
                worker.pointee.refuse(index, .discardRoute)
                return true
            case STILE_ROUTE_MAP_VRF:
                burst.vrf[index] = entry.pointee.vrf
                return false
            case STILE_ROUTE_MAP_NEXT_HOP:
                return takesNextHop(index, of: entry, worker)
            default:
                return false
            }
        }
        return false
    }

    /// Gives the packet the first next hop that leads out.
    @_noLocks
    private static func takesNextHop(
        _ index: Int, of entry: UnsafePointer<stile_route_map_entry>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let nextHops = entry.pointee.next_hops
        let count = entry.pointee.next_hop_count
        return (count > 0 && takes(nextHops.0, index, worker)) || (count > 1 && takes(nextHops.1, index, worker))
            || (count > 2 && takes(nextHops.2, index, worker)) || (count > 3 && takes(nextHops.3, index, worker))
    }

    @_noLocks @inline(__always)
    private static func takes(_ nextHop: UInt32, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let number = stile_load_acquire_u32(worker.pointee.tables.nextHops + Int(nextHop))
        let kind = worker.pointee.tables.adjacencies[Int(number)].kind
        guard kind == UInt8(STILE_ADJACENCY_CIRCUIT.rawValue) || kind == UInt8(STILE_ADJACENCY_LABELLED.rawValue) else {
            return false
        }
        Lookup.route(index, nextHop: nextHop, adjacency: number, worker)
        return true
    }
}
