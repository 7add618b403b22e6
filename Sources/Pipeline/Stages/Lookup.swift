import CTableLayout
import ForwardingTables
import PacketFormats

/// Longest-prefix match in each packet's VRF, for the whole burst at a time, and the next hop's adjacency.
enum Lookup {
    /// Puts a packet in the queue of its family: the first step of its lookup.
    @_noLocks @inline(__always)
    static func enqueue(
        _ index: Int, _ packet: UnsafeRawPointer, vrf: UInt16, isIPv6: Bool, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        if isIPv6 {
            let position = worker.pointee.ipv6Count
            enqueue(
                ipv6: index, packet, root: worker.pointee.tables.ipv6Root(ofVRF: vrf), at: position, burst, worker)
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
        worker.pointee.tables.fib.enqueue(ipv4: destination, root: root, at: position, in: burst.ipv4Lookups)
        burst.ipv4Index[position] = UInt8(truncatingIfNeeded: index)
    }

    @_noLocks @inline(__always)
    static func enqueue(
        ipv6 index: Int, _ packet: UnsafeRawPointer, root: UInt64, at position: Int, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let destination = IPv6Header(packet).destination.rawValue
        worker.pointee.tables.fib.enqueue(ipv6: destination, root: root, at: position, in: burst.ipv6Lookups)
        burst.ipv6Index[position] = UInt8(truncatingIfNeeded: index)
    }

    /// Queues those who wait anew, by the VRFs that they have now, and without some, one bit for each.
    @_noLocks @inline(never)
    static func requeue(without gone: UInt64, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let ipv4Count = worker.pointee.ipv4Count
        let ipv6Count = worker.pointee.ipv6Count
        worker.pointee.ipv4Count = 0
        worker.pointee.ipv6Count = 0
        requeue(burst.ipv4Index, count: ipv4Count, isIPv6: false, without: gone, worker)
        requeue(burst.ipv6Index, count: ipv6Count, isIPv6: true, without: gone, worker)
    }

    @_noLocks @inline(__always)
    private static func requeue(
        _ indices: UnsafeMutablePointer<UInt8>, count: Int, isIPv6: Bool, without gone: UInt64,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        var position = 0
        while position < count {
            let index = Int(indices[position])
            position &+= 1
            guard gone &>> UInt64(truncatingIfNeeded: index) & 1 == 0 else { continue }
            enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: isIPv6, burst, worker)
        }
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        // 1. The FIB: destination → next hop.
        if worker.pointee.ipv4Count > 0 {
            tables.fib.lookup(ipv4: burst.ipv4Lookups, count: worker.pointee.ipv4Count, results: burst.ipv4Result)
        }
        if worker.pointee.ipv6Count > 0 {
            tables.fib.lookup(ipv6: burst.ipv6Lookups, count: worker.pointee.ipv6Count, results: burst.ipv6Result)
        }
        // 2. Next hop → link → adjacency, and the interface: what Departure reads.
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
        let tables = worker.pointee.tables
        let routed = worker.pointee.routedCount
        var position = 0
        while position < count {
            let index = Int(indices[position])
            WayOut(number: results[position], tables).take(index, burst, tables)
            burst.routed[routed &+ position] = UInt8(truncatingIfNeeded: index)
            position &+= 1
        }
        worker.pointee.routedCount = routed &+ count
    }
}
