import CTableLayout

/// The data plane's segment as stiled and everybody who counts read it. Nothing that is read here is trusted: lengths
/// and indices are checked before they are used.
public final class DataplaneReader {
    public let header: UnsafePointer<stile_dataplane_header>
    public var workerCount: Int { layout.workerCount }
    public var counterCount: Int { layout.counterCount }

    private let storage: FileStorage
    private let layout: DataplaneLayout

    /// Maps the segment in the runtime directory.
    public init(directory: String) throws(SegmentError) {
        storage = try FileStorage.openExisting(path: "\(directory)/dataplane", writable: false)
        layout = try DataplaneLayout(validating: storage)
        header = UnsafePointer(storage.base.assumingMemoryBound(to: stile_dataplane_header.self))
    }

    /// Whether a data plane lives that writes this segment.
    public var isAlive: Bool { storage.isLockedByAnother }

    /// Whether the runtime directory still names this segment. When not, a new reader is due.
    public var isCurrent: Bool { storage.isCurrent }

    /// Raised by each start of the data plane.
    public var instance: UInt64 { header.pointee.instance }

    /// The generation that all workers use; 0: none yet.
    public var generationInUse: UInt64 { stile_load_acquire_u64(stile_generation_in_use(header)) }

    /// How far the access lists have been compiled: a generation and a number of its `access_lists_sequence`; `nil`
    /// while that changes, and before the first.
    public var accessListsCompiled: (generation: UInt64, sequence: UInt64)? {
        let generation = stile_load_acquire_u64(stile_access_lists_generation(header))
        let sequence = stile_load_acquire_u64(stile_access_lists_compiled(header))
        stile_fence()
        let isStable = stile_load_acquire_u64(stile_access_lists_generation(header)) == generation
        return isStable && generation != 0 ? (generation, sequence) : nil
    }

    /// When the main thread last showed that it works, seconds since 1970.
    public var heartbeatSeconds: UInt64 { stile_load_acquire_u64(stile_dataplane_heartbeat(header)) }

    /// How far the data plane has read the inject ring: for `ControlSegment.inject`.
    public var injectConsumer: UInt64 { stile_load_acquire_u64(stile_inject_consumer(header)) }

    /// The oldest epoch that a worker may still be in: for `TablesWriter.reclaim`. `UInt64.max` when all sleep or no
    /// data plane lives.
    public var oldestEpoch: UInt64 {
        guard isAlive else { return .max }
        stile_fence()
        return (0..<workerCount).reduce(UInt64.max) { oldest, index in
            min(oldest, stile_load_acquire_u64(stile_worker_epoch(block(index))))
        }
    }

    /// What a worker says of itself (`worker` below `workerCount`).
    public func worker(_ worker: Int) -> stile_worker? {
        (0..<workerCount).contains(worker) ? block(worker).pointee : nil
    }

    /// The status of a port (below `STILE_MAX_PORTS`).
    public func portStatus(_ port: Int) -> stile_port_status? {
        guard (0..<Int(STILE_MAX_PORTS)).contains(port) else { return nil }
        return stile_port_status_of(header, UInt32(port))?.pointee
    }

    /// An interface's counters, summed over the workers; zeros for an index that has none.
    public func counters(_ index: Int) -> InterfaceCounters {
        var sum = InterfaceCounters()
        guard (0..<counterCount).contains(index) else { return sum }
        for worker in 0..<workerCount {
            let counters = (UnsafeRawPointer(storage.base) + layout.counters(ofWorker: worker))
                .assumingMemoryBound(to: stile_interface_counters.self)
            let drops = (UnsafeRawPointer(storage.base) + layout.drops(ofWorker: worker))
                .assumingMemoryBound(to: stile_interface_drops.self)
            sum.add(counters + index, drops + index)
        }
        return sum
    }

    /// Packets and octets of one instance of a policy class by colour, summed over the workers; zeros for an index
    /// that has none.
    public func classCounters(_ index: Int) -> ClassCounters {
        var sum = ClassCounters()
        guard (0..<Int(STILE_MAX_CLASS_INSTANCES)).contains(index) else { return sum }
        for worker in 0..<workerCount {
            let counters = (UnsafeRawPointer(storage.base) + layout.classCounters(ofWorker: worker))
                .assumingMemoryBound(to: stile_class_counters.self)
            sum.add(counters + index)
        }
        return sum
    }

    /// Hits of one access list entry, summed over the workers; 0 for an index that has none.
    public func accessHits(_ index: Int) -> UInt64 {
        guard (0..<Int(STILE_MAX_ACCESS_HITS)).contains(index) else { return 0 }
        return (0..<workerCount).reduce(0) { sum, worker in
            let hits = (UnsafeRawPointer(storage.base) + layout.accessHits(ofWorker: worker))
                .assumingMemoryBound(to: UInt64.self)
            return sum &+ stile_load_relaxed_u64(hits + index)
        }
    }

    /// Calls `body` with each packet that the workers have punted, at most `limitPerWorker` of each, and moves the
    /// consumer indices in `control`. Returns how often a slot's content or an index made no sense.
    public func drainPunts(
        into control: ControlSegment, limitPerWorker: Int, _ body: (PuntedPacket) -> Void
    ) -> Int {
        (0..<workerCount).reduce(0) { skipped, worker in
            let slots = UnsafeRawPointer(storage.base) + layout.puntSlots(ofWorker: worker)
            let ring = RingConsumer(
                producer: stile_punt_producer(block(worker)), consumer: control.puntConsumer(ofWorker: worker),
                slotCount: STILE_PUNT_SLOTS)
            return skipped
                + ring.drain(limit: limitPerWorker) { slot in
                    guard let packet = PuntedPacket(slot: slots + slot * DataplaneLayout.slotBytes) else {
                        return false
                    }
                    body(packet)
                    return true
                }
        }
    }

    /// Calls `body` with each flow record that the workers have handed out, at most `limitPerWorker` of each, and moves
    /// the consumer indices in `control`. Returns how often an index made no sense.
    public func drainFlows(
        into control: ControlSegment, limitPerWorker: Int, _ body: (stile_flow_record) -> Void
    ) -> Int {
        (0..<workerCount).reduce(0) { skipped, worker in
            let ring = RingConsumer(
                producer: stile_flow_producer(block(worker)), consumer: control.flowConsumer(ofWorker: worker),
                slotCount: STILE_FLOW_SLOTS)
            return skipped + drain(ring, slots: layout.flowSlots(ofWorker: worker), limit: limitPerWorker, body)
        }
    }

    /// As `drainFlows`, the records of what access lists log.
    public func drainAccessLog(
        into control: ControlSegment, limitPerWorker: Int, _ body: (stile_access_log_record) -> Void
    ) -> Int {
        (0..<workerCount).reduce(0) { skipped, worker in
            let ring = RingConsumer(
                producer: stile_access_log_producer(block(worker)),
                consumer: control.accessLogConsumer(ofWorker: worker), slotCount: STILE_ACCESS_LOG_SLOTS)
            return skipped + drain(ring, slots: layout.accessLogSlots(ofWorker: worker), limit: limitPerWorker, body)
        }
    }

    private func drain<Record>(
        _ ring: RingConsumer, slots offset: Int, limit: Int, _ body: (Record) -> Void
    ) -> Int {
        let slots = (UnsafeRawPointer(storage.base) + offset).assumingMemoryBound(to: Record.self)
        return ring.drain(limit: limit) { slot in
            body(slots[slot])
            return true
        }
    }

    private func block(_ worker: Int) -> UnsafePointer<stile_worker> {
        UnsafePointer((storage.base + layout.worker(worker)).assumingMemoryBound(to: stile_worker.self))
    }
}
