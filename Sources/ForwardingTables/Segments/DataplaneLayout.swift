import CTableLayout

/// Where things are in the data plane's segment.
struct DataplaneLayout {
    let workerCount: Int
    let counterCount: Int
    let workerOffset: Int
    let workerBytes: Int

    static let headerBytes = MemoryLayout<stile_dataplane_header>.size
    static let slotBytes = MemoryLayout<stile_punt_slot>.size
    static let classCounterBytes = Int(STILE_MAX_CLASS_INSTANCES) * MemoryLayout<stile_class_counters>.size
    static let accessHitBytes = Int(STILE_MAX_ACCESS_HITS) * MemoryLayout<UInt64>.size

    init(workerCount: Int, counterCount: Int) {
        self.workerCount = workerCount
        self.counterCount = counterCount
        workerOffset = (Self.headerBytes + 4_095) / 4_096 * 4_096
        let bytes =
            MemoryLayout<stile_worker>.size + Self.bytes(of: stile_interface_counters.self, counterCount)
            + Self.bytes(of: stile_interface_drops.self, counterCount) + Self.classCounterBytes + Self.accessHitBytes
            + Int(STILE_PUNT_SLOTS) * Self.slotBytes
            + Int(STILE_FLOW_SLOTS) * MemoryLayout<stile_flow_record>.size
            + Int(STILE_ACCESS_LOG_SLOTS) * MemoryLayout<stile_access_log_record>.size
        workerBytes = (bytes + 4_095) / 4_096 * 4_096
    }

    var totalBytes: Int { workerOffset + workerCount * workerBytes }

    /// Checks a mapped file and takes its layout.
    init(validating storage: FileStorage) throws(SegmentError) {
        try SegmentHeader.validate(
            storage.base, byteCount: storage.byteCount, path: storage.path, magic: STILE_DATAPLANE_MAGIC,
            headerBytes: Self.headerBytes)
        let header = storage.base.assumingMemoryBound(to: stile_dataplane_header.self)
        let workers = Int(header.pointee.worker_count)
        guard (1...Int(STILE_MAX_WORKERS)).contains(workers) else {
            throw .invalid(path: storage.path, field: "worker_count")
        }
        guard (1...65_536).contains(header.pointee.counter_count) else {
            throw .invalid(path: storage.path, field: "counter_count")
        }
        self.init(workerCount: workers, counterCount: Int(header.pointee.counter_count))
        guard header.pointee.worker_offset == UInt64(workerOffset), header.pointee.worker_bytes == UInt64(workerBytes)
        else { throw .invalid(path: storage.path, field: "worker_offset") }
        guard header.pointee.total_bytes == UInt64(totalBytes), storage.byteCount == totalBytes else {
            throw .truncated(path: storage.path, found: storage.byteCount, expected: totalBytes)
        }
    }

    /// Octets of an array of records: whole cache lines, so that what follows begins with one.
    private static func bytes<Record>(of type: Record.Type, _ count: Int) -> Int {
        (count * MemoryLayout<Record>.size + 63) / 64 * 64
    }

    /// Octets from the start of the file.
    func worker(_ index: Int) -> Int { workerOffset + index * workerBytes }
    func counters(ofWorker index: Int) -> Int { worker(index) + MemoryLayout<stile_worker>.size }
    func drops(ofWorker index: Int) -> Int {
        counters(ofWorker: index) + Self.bytes(of: stile_interface_counters.self, counterCount)
    }
    func classCounters(ofWorker index: Int) -> Int {
        drops(ofWorker: index) + Self.bytes(of: stile_interface_drops.self, counterCount)
    }
    func accessHits(ofWorker index: Int) -> Int { classCounters(ofWorker: index) + Self.classCounterBytes }
    func puntSlots(ofWorker index: Int) -> Int { accessHits(ofWorker: index) + Self.accessHitBytes }
    func flowSlots(ofWorker index: Int) -> Int {
        puntSlots(ofWorker: index) + Int(STILE_PUNT_SLOTS) * Self.slotBytes
    }
    func accessLogSlots(ofWorker index: Int) -> Int {
        flowSlots(ofWorker: index) + Int(STILE_FLOW_SLOTS) * MemoryLayout<stile_flow_record>.size
    }
}
