import CReference
import CTableLayout
import ForwardingTables

/// A worker of the C reference over frames of the pool.
final class ReferenceSide {
    private let worker: UnsafeMutablePointer<reference_worker>
    private let counters: UnsafeMutablePointer<stile_interface_counters>
    private let drops: UnsafeMutablePointer<stile_interface_drops>
    private let statistics: UnsafeMutablePointer<stile_worker>
    private let capacity = Int(REFERENCE_BURST)

    init?(tables: TablesReader, counterCount: Int) {
        guard let worker = reference_worker_new() else { return nil }
        self.worker = worker
        counters = WorkerMemory.counters(counterCount)
        drops = WorkerMemory.drops(counterCount)
        statistics = WorkerMemory.statistics()
        worker.pointee.tables = reference_tables(
            vlan_maps: tables.vlanMaps, interfaces: tables.interfaces, label_entries: tables.labelEntries,
            context_tables: tables.contextTables, ipv4_roots: tables.ipv4Roots, ipv6_roots: tables.ipv6Roots,
            next_hops: tables.nextHops,
            groups: tables.groups, links: tables.links, adjacencies: tables.adjacencies,
            fib: tables.fib.arena.assumingMemoryBound(to: UInt8.self))
        worker.pointee.counters = counters
        worker.pointee.drops = drops
        worker.pointee.counter_count = UInt32(counterCount)
        worker.pointee.statistics = statistics
    }

    deinit {
        reference_worker_free(worker)
        counters.deallocate()
        drops.deallocate()
        statistics.deallocate()
    }

    @inline(__always)
    func take(from pool: FramePool, first: Int, store: FrameStore, storeFirst: Int, port: UInt16) {
        guard let frames = reference_frames(worker), let bytes = reference_frame_bytes(worker),
            let ports = reference_ports(worker)
        else { return }
        var index = 0
        while index < capacity {
            frames[index] = pool.frame(first &+ index).assumingMemoryBound(to: UInt8.self)
            bytes[index] = store.lengths[storeFirst &+ index]
            ports[index] = port
            index &+= 1
        }
    }

    @inline(__always)
    func process() -> UInt64 {
        let start = stile_cycles()
        reference_process(worker, UInt32(capacity))
        return stile_cycles() &- start
    }

    func departures() -> (frames: [[UInt8]], others: Int) {
        guard let frames = reference_frames(worker), let bytes = reference_frame_bytes(worker),
            let verdicts = reference_verdicts(worker)
        else { return ([], capacity) }
        var departed: [[UInt8]] = []
        for index in 0..<capacity where verdicts[index].outcome == UInt8(REFERENCE_TRANSMIT.rawValue) {
            guard let frame = frames[index] else { continue }
            departed.append(
                [UInt8(truncatingIfNeeded: verdicts[index].port)]
                    + UnsafeRawBufferPointer(start: frame, count: Int(bytes[index])))
        }
        return (departed, capacity - departed.count)
    }
}
