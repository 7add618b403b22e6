import CTableLayout
import ForwardingTables
import PacketFormats

/// Longest-prefix match in each packet's VRF, for the whole burst at a time, and the next hop's adjacency.
enum Lookup {
    /// Puts a packet in the queue of its family.
    @_noLocks @inline(__always)
    static func enqueue(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let packet = UnsafeRawPointer(burst.packet[index])
        if burst.flags[index].contains(.isIPv6) {
            let position = worker.pointee.ipv6Count
            burst.ipv6.index[position] = UInt8(truncatingIfNeeded: index)
            burst.ipv6.root[position] = worker.pointee.tables.ipv6Root(ofVRF: burst.vrf[index])
            burst.ipv6.destination[position] = IPv6Header(packet).destination.rawValue
            worker.pointee.ipv6Count = position &+ 1
        } else {
            let position = worker.pointee.ipv4Count
            burst.ipv4.index[position] = UInt8(truncatingIfNeeded: index)
            burst.ipv4.root[position] = worker.pointee.tables.ipv4Root(ofVRF: burst.vrf[index])
            burst.ipv4.destination[position] = IPv4Header(packet).destination.rawValue
            worker.pointee.ipv4Count = position &+ 1
        }
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        // 1. The FIB: destination → next hop.
        if worker.pointee.ipv4Count > 0 {
            tables.fib.lookup(
                ipv4: burst.ipv4.destination, roots: burst.ipv4.root, count: worker.pointee.ipv4Count,
                results: burst.ipv4.result, scratch: worker.pointee.fibScratch)
        }
        if worker.pointee.ipv6Count > 0 {
            tables.fib.lookup(
                ipv6: burst.ipv6.destination, roots: burst.ipv6.root, count: worker.pointee.ipv6Count,
                results: burst.ipv6.result, scratch: worker.pointee.fibScratch)
        }
        // 2. Next hop → adjacency, which Departure reads: one pass fetches, the next one reads.
        prefetchNextHops(burst.ipv4.result, count: worker.pointee.ipv4Count, tables)
        prefetchNextHops(burst.ipv6.result, count: worker.pointee.ipv6Count, tables)
        resolve(burst.ipv4.index, burst.ipv4.result, count: worker.pointee.ipv4Count, worker)
        resolve(burst.ipv6.index, burst.ipv6.result, count: worker.pointee.ipv6Count, worker)
        worker.pointee.ipv4Count = 0
        worker.pointee.ipv6Count = 0
    }

    @_noLocks @inline(__always)
    private static func prefetchNextHops(
        _ results: UnsafeMutablePointer<UInt32>, count: Int, _ tables: TablesReader
    ) {
        var position = 0
        while position < count {
            stile_prefetch(tables.nextHops + Int(results[position]))
            position &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func resolve(
        _ indices: UnsafeMutablePointer<UInt8>, _ results: UnsafeMutablePointer<UInt32>, count: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        var position = 0
        while position < count {
            let index = Int(indices[position])
            let nextHop = results[position]
            let adjacency = stile_load_acquire_u32(tables.nextHops + Int(nextHop))
            stile_prefetch(tables.adjacencies + Int(adjacency))
            burst.nextHop[index] = nextHop
            burst.adjacency[index] = adjacency
            burst.routed[worker.pointee.routedCount] = UInt8(truncatingIfNeeded: index)
            worker.pointee.routedCount &+= 1
            position &+= 1
        }
    }
}
