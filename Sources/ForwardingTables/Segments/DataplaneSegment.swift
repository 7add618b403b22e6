import CTableLayout
import Glibc

/// The data plane's segment as the data plane writes it (layout: stile_dataplane.h). Holding it is holding the lock on
/// it: a second data plane is refused.
public final class DataplaneSegment {
    /// Whether a former data plane's segment, with its counters, goes on being used.
    public let wasTakenOver: Bool
    /// Why what an earlier program left could not be used, and was replaced: the counters begin anew.
    public let replacedLeftover: SegmentError?
    public let header: UnsafeMutablePointer<stile_dataplane_header>
    public var workerCount: Int { layout.workerCount }
    public var counterCount: Int { layout.counterCount }

    private let storage: FileStorage
    private let layout: DataplaneLayout

    /// Takes the segment in the runtime directory over when it is of this version and has as many workers and
    /// counters, or replaces it by a new one. `startedSeconds`: now, seconds since 1970.
    public init(
        directory: String, workerCount: Int, counterCount: Int = Int(STILE_MAX_INTERFACES), startedSeconds: UInt64
    ) throws(SegmentError) {
        let path = "\(directory)/dataplane"
        guard (1...Int(STILE_MAX_WORKERS)).contains(workerCount) else {
            throw .invalid(path: path, field: "worker_count")
        }
        guard (1...65_536).contains(counterCount) else { throw .invalid(path: path, field: "counter_count") }
        let layout = DataplaneLayout(workerCount: workerCount, counterCount: counterCount)
        let possession = try FileStorage.takeOver(
            path: path,
            create: { () throws(SegmentError) in
                let storage = try FileStorage.create(path: path, byteCount: layout.totalBytes, mode: 0o640)
                guard storage.commit(offset: 0, byteCount: layout.totalBytes) else {
                    storage.discard()
                    throw .system(call: "fallocate", path: path, code: ENOSPC)
                }
                Self.initialize(storage.base.assumingMemoryBound(to: stile_dataplane_header.self), layout)
                return storage
            },
            validate: { (storage) throws(SegmentError) in
                let found = try DataplaneLayout(validating: storage)
                return found.workerCount == workerCount && found.counterCount == counterCount
            })
        self.layout = layout
        storage = possession.storage
        wasTakenOver = possession.wasTakenOver
        replacedLeftover = possession.replaced
        header = storage.base.assumingMemoryBound(to: stile_dataplane_header.self)
        for index in 0..<workerCount {
            // Until its first loop a worker reads nothing.
            withUnsafeMutablePointer(to: &worker(index).pointee.epoch.value) {
                stile_store_release_u64($0, STILE_EPOCH_OFFLINE)
            }
        }
        for port in 0..<Int(STILE_MAX_PORTS) { setPortStatus(port, to: stile_port_status()) }
        header.pointee.pid = UInt64(getpid())
        header.pointee.started = startedSeconds
        header.pointee.instance &+= 1
    }

    private static func initialize(_ header: UnsafeMutablePointer<stile_dataplane_header>, _ layout: DataplaneLayout) {
        header.pointee.layout_version = STILE_LAYOUT_VERSION
        header.pointee.header_bytes = UInt32(DataplaneLayout.headerBytes)
        header.pointee.total_bytes = UInt64(layout.totalBytes)
        header.pointee.worker_offset = UInt64(layout.workerOffset)
        header.pointee.worker_bytes = UInt64(layout.workerBytes)
        header.pointee.worker_count = UInt32(layout.workerCount)
        header.pointee.counter_count = UInt32(layout.counterCount)
        for index in 0..<layout.workerCount {
            (UnsafeMutableRawPointer(header) + layout.worker(index)).assumingMemoryBound(to: stile_worker.self)
                .pointee.epoch.value = STILE_EPOCH_OFFLINE
        }
        header.pointee.magic = STILE_DATAPLANE_MAGIC
    }

    /// A worker's block (`worker` below `workerCount`), written by that worker alone.
    public func worker(_ worker: Int) -> UnsafeMutablePointer<stile_worker> {
        precondition((0..<workerCount).contains(worker))
        return (storage.base + layout.worker(worker)).assumingMemoryBound(to: stile_worker.self)
    }

    /// A worker's counters: `counterCount` of them, indexed by an interface's `counter`.
    public func counters(ofWorker worker: Int) -> UnsafeMutablePointer<stile_interface_counters> {
        precondition((0..<workerCount).contains(worker))
        return (storage.base + layout.counters(ofWorker: worker))
            .assumingMemoryBound(to: stile_interface_counters.self)
    }

    /// A worker's counters of dropped packets, indexed as `counters(ofWorker:)`.
    public func drops(ofWorker worker: Int) -> UnsafeMutablePointer<stile_interface_drops> {
        precondition((0..<workerCount).contains(worker))
        return (storage.base + layout.drops(ofWorker: worker)).assumingMemoryBound(to: stile_interface_drops.self)
    }

    /// A worker's counters of policy classes, `STILE_MAX_CLASS_INSTANCES` of them.
    public func classCounters(ofWorker worker: Int) -> UnsafeMutablePointer<stile_class_counters> {
        precondition((0..<workerCount).contains(worker))
        return (storage.base + layout.classCounters(ofWorker: worker))
            .assumingMemoryBound(to: stile_class_counters.self)
    }

    /// A worker's hits of access list entries, `STILE_MAX_ACCESS_HITS` of them.
    public func accessHits(ofWorker worker: Int) -> UnsafeMutablePointer<UInt64> {
        precondition((0..<workerCount).contains(worker))
        return (storage.base + layout.accessHits(ofWorker: worker)).assumingMemoryBound(to: UInt64.self)
    }

    /// The producer's side of a worker's punt ring; `control` is where stiled's consumer index is.
    public func puntRing(ofWorker worker: Int, control: UnsafePointer<stile_control_header>) -> PuntRing {
        let block = self.worker(worker)
        return PuntRing(
            producer: UnsafeMutablePointer(mutating: stile_punt_producer(block)),
            consumer: stile_punt_consumer(control, UInt32(worker)),
            slots: (storage.base + layout.puntSlots(ofWorker: worker)).assumingMemoryBound(to: stile_punt_slot.self))
    }

    /// The producer's side of a worker's flow ring; `control` is where stiled's consumer index is.
    public func flowRing(ofWorker worker: Int, control: UnsafePointer<stile_control_header>) -> FlowRing {
        let block = self.worker(worker)
        return FlowRing(
            producer: UnsafeMutablePointer(mutating: stile_flow_producer(block)),
            consumer: stile_flow_consumer(control, UInt32(worker)),
            slots: (storage.base + layout.flowSlots(ofWorker: worker)).assumingMemoryBound(
                to: stile_flow_record.self))
    }

    /// The producer's side of a worker's log ring; `control` is where stiled's consumer index is.
    public func accessLogRing(
        ofWorker worker: Int, control: UnsafePointer<stile_control_header>
    ) -> AccessLogRing {
        let block = self.worker(worker)
        return AccessLogRing(
            producer: UnsafeMutablePointer(mutating: stile_access_log_producer(block)),
            consumer: stile_access_log_consumer(control, UInt32(worker)),
            slots: (storage.base + layout.accessLogSlots(ofWorker: worker)).assumingMemoryBound(
                to: stile_access_log_record.self))
    }

    /// The consumer's side of the inject ring, which is in `control`; its consumer is worker 0.
    public func injectRing(control: UnsafePointer<stile_control_header>) -> InjectRing {
        InjectRing(
            slots: (UnsafeRawPointer(control) + ControlSegment.slotsOffset).assumingMemoryBound(
                to: stile_inject_slot.self),
            slotCount: UInt32(STILE_INJECT_SLOTS), producer: stile_inject_producer(control),
            consumer: UnsafeMutablePointer(mutating: stile_inject_consumer(header)))
    }

    /// The generation that all workers use, or 0; older files may be deleted.
    public func setGenerationInUse(_ generation: UInt64) {
        withUnsafeMutablePointer(to: &header.pointee.generation_in_use.value) {
            stile_store_release_u64($0, generation)
        }
    }

    /// Says that the access lists of a generation have been compiled as far as its `access_lists_sequence` was
    /// `sequence`.
    public func setAccessListsCompiled(generation: UInt64, sequence: UInt64) {
        withUnsafeMutablePointer(to: &header.pointee.access_lists_generation) { word in
            stile_store_release_u64(word, 0)
            stile_fence()
            withUnsafeMutablePointer(to: &header.pointee.access_lists_compiled) {
                stile_store_release_u64($0, sequence)
            }
            stile_store_release_u64(word, generation)
        }
    }

    /// Shows that the main thread works: seconds since 1970.
    public func setHeartbeat(seconds: UInt64) {
        withUnsafeMutablePointer(to: &header.pointee.heartbeat.value) { stile_store_release_u64($0, seconds) }
    }

    /// How far worker 0 has read the inject ring. A data plane that starts sets it to the producer's index: what waited
    /// there is stale.
    public var injectConsumer: UInt64 {
        get { stile_load_relaxed_u64(stile_inject_consumer(header)) }
        set {
            withUnsafeMutablePointer(to: &header.pointee.inject_consumer.value) {
                stile_store_release_u64($0, newValue)
            }
        }
    }

    /// Publishes a port's status (`port` below `STILE_MAX_PORTS`); the state is stored last.
    public func setPortStatus(_ port: Int, to status: stile_port_status) {
        precondition((0..<Int(STILE_MAX_PORTS)).contains(port))
        let place = UnsafeMutablePointer(mutating: stile_port_status_of(header, UInt32(port)))
        guard let place else { return }
        var stateless = status
        stateless.state = place.pointee.state
        place.pointee = stateless
        stile_store_release_u32(UnsafeMutableRawPointer(place).assumingMemoryBound(to: UInt32.self), status.state)
    }
}
