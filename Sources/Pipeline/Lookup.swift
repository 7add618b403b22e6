import CTableLayout
import ForwardingTables
import PacketFormats

/// Longest-prefix match in each packet's VRF, for the whole burst at a time, and the next hop's adjacency.
enum Lookup {
    /// Puts a packet in the queue of its family and fetches what its lookup reads first.
    @_noLocks @inline(__always)
    static func enqueue(
        _ index: Int, _ packet: UnsafeRawPointer, vrf: UInt16, isIPv6: Bool, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        if isIPv6 {
            let root = worker.pointee.tables.ipv6Root(ofVRF: vrf)
            let destination = IPv6Header(packet).destination.rawValue
            let position = worker.pointee.ipv6Count
            worker.pointee.tables.fib.prefetch(ipv6: destination, root: root)
            burst.ipv6Index[position] = UInt8(truncatingIfNeeded: index)
            burst.ipv6Root[position] = root
            burst.ipv6Destination[position] = destination
            worker.pointee.ipv6Count = position &+ 1
        } else {
            let position = worker.pointee.ipv4Count
            enqueue(
                ipv4: index, packet, root: worker.pointee.tables.ipv4Root(ofVRF: vrf), at: position, burst, worker)
            worker.pointee.ipv4Count = position &+ 1
        }
    }

    /// As `enqueue`, where the root of the packet's VRF and its position in the queue are known. The caller counts: a
    /// counter in memory that every packet reads anew costs 5 cycles each (`Bench/run pipeline --services all`).
    @_noLocks @inline(__always)
    static func enqueue(
        ipv4 index: Int, _ packet: UnsafeRawPointer, root: UInt64, at position: Int, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let destination = IPv4Header(packet).destination.rawValue
        worker.pointee.tables.fib.prefetch(ipv4: destination, root: root)
        burst.ipv4Index[position] = UInt8(truncatingIfNeeded: index)
        burst.ipv4Root[position] = root
        burst.ipv4Destination[position] = destination
    }

    /// Takes packets, one bit for each, out of the queues.
    @_noLocks @inline(never)
    static func withdraw(_ packets: UInt64, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        var kept = 0
        var position = 0
        while position < worker.pointee.ipv4Count {
            burst.ipv4Index[kept] = burst.ipv4Index[position]
            burst.ipv4Root[kept] = burst.ipv4Root[position]
            burst.ipv4Destination[kept] = burst.ipv4Destination[position]
            kept &+= packets &>> UInt64(burst.ipv4Index[position]) & 1 == 0 ? 1 : 0
            position &+= 1
        }
        worker.pointee.ipv4Count = kept
        kept = 0
        position = 0
        while position < worker.pointee.ipv6Count {
            burst.ipv6Index[kept] = burst.ipv6Index[position]
            burst.ipv6Root[kept] = burst.ipv6Root[position]
            burst.ipv6Destination[kept] = burst.ipv6Destination[position]
            kept &+= packets &>> UInt64(burst.ipv6Index[position]) & 1 == 0 ? 1 : 0
            position &+= 1
        }
        worker.pointee.ipv6Count = kept
    }

    /// A packet whose next hop is known without a lookup.
    @_noLocks @inline(__always)
    static func route(
        _ index: Int, nextHop: UInt32, adjacency: UInt32, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        stile_prefetch(worker.pointee.tables.adjacencies + Int(adjacency))
        burst.nextHop[index] = nextHop
        burst.adjacency[index] = adjacency
        burst.routed[worker.pointee.routedCount] = UInt8(truncatingIfNeeded: index)
        worker.pointee.routedCount &+= 1
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        // 1. The FIB: destination → next hop.
        if worker.pointee.ipv4Count > 0 {
            tables.fib.lookup(
                ipv4: burst.ipv4Destination, roots: burst.ipv4Root, count: worker.pointee.ipv4Count,
                results: burst.ipv4Result, scratch: worker.pointee.fibScratch)
        }
        if worker.pointee.ipv6Count > 0 {
            tables.fib.lookup(
                ipv6: burst.ipv6Destination, roots: burst.ipv6Root, count: worker.pointee.ipv6Count,
                results: burst.ipv6Result, scratch: worker.pointee.fibScratch)
        }
        // 2. Next hop → adjacency, which Departure reads.
        resolve(burst.ipv4Index, burst.ipv4Result, count: worker.pointee.ipv4Count, worker)
        resolve(burst.ipv6Index, burst.ipv6Result, count: worker.pointee.ipv6Count, worker)
        worker.pointee.ipv4Count = 0
        worker.pointee.ipv6Count = 0
    }

    @_noLocks @inline(__always)
    private static func resolve(
        _ indices: UnsafeMutablePointer<UInt8>, _ results: UnsafeMutablePointer<UInt32>, count: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let nextHops = worker.pointee.tables.nextHops
        let adjacencies = worker.pointee.tables.adjacencies
        let routed = worker.pointee.routedCount
        var position = 0
        while position < count {
            let index = Int(indices[position])
            let nextHop = results[position]
            let adjacency = stile_load_acquire_u32(nextHops + Int(nextHop))
            stile_prefetch(adjacencies + Int(adjacency))
            burst.nextHop[index] = nextHop
            burst.adjacency[index] = adjacency
            burst.routed[routed &+ position] = UInt8(truncatingIfNeeded: index)
            position &+= 1
        }
        worker.pointee.routedCount = routed &+ count
    }
}
