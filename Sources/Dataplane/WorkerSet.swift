import CDPDKShim
import CTableLayout
import ForwardingTables
import Glibc
import Logging
import Pipeline

/// The workers of this process and what they share: the rings between them and the pool of the box's own frames. Used by
/// the main thread alone.
final class WorkerSet {
    let count: Int
    private let segment: DataplaneSegment
    private let cores: [UInt16?]
    private let isBusy: Bool
    private let logger: Logger
    /// By worker: frames for the transmit queues that it owns.
    private let handovers: [OpaquePointer]
    private let spreadRings: SpreadRings
    private let ownFrames: OpaquePointer
    /// The buckets of all policers, which the workers share.
    private let policers = ServiceMemory.makePolicers()
    private var workers: [UnsafeMutablePointer<Worker>] = []
    private var threads: [WorkerThread] = []
    private var assignments: [UnsafeMutablePointer<WorkerAssignment>] = []
    private var balance: FlowBalance?
    private var lastPause: UInt64 = 0
    /// `loops` of each worker when it was last looked at.
    private var lastLoops: [UInt64] = []

    private static let handoverSlots: UInt32 = 4096
    /// Frames of the box's own: fragments, injected frames and copies that wait in transmit queues. A copy takes two where it refers
    /// to its payload, and one in a queue of a device for as long as a hardware descriptor.
    private static let ownFrameCount = 4096
    private static let ownFramesPerWorker = 512

    init(segment: DataplaneSegment, tables: TablesReader, logger: Logger) throws(StartFailure) {
        let header = tables.header.pointee
        count = Self.workerCount(of: header)
        cores = withUnsafeBytes(of: header.worker_cores) { bytes in
            bytes.bindMemory(to: UInt16.self).map { $0 == .max ? nil : $0 }
        }
        isBusy = header.polling == STILE_POLLING_BUSY.rawValue
        self.segment = segment
        self.logger = logger
        var rings: [OpaquePointer] = []
        for worker in 0..<count {
            guard let ring = stile_handover_create("stile_handover_\(worker)", Self.handoverSlots) else {
                throw StartFailure(.memory, "no memory for the ring of worker \(worker)", hint: Self.memoryHint)
            }
            rings.append(ring)
        }
        handovers = rings
        spreadRings = try SpreadRings(workerCount: count)
        let frames = UInt32(Self.ownFrameCount + count * Self.ownFramesPerWorker)
        guard let pool = stile_pool_create("stile_own_frames", frames, UInt32(STILE_FRAME_SLOT_BYTES), -1) else {
            throw StartFailure(.memory, "no memory for \(frames) frames of the box's own", hint: Self.memoryHint)
        }
        ownFrames = pool
    }

    private static let memoryHint = "raise --memory-megabytes"

    /// What the tables ask for, within what the segment can hold.
    static func workerCount(of header: stile_tables_header) -> Int {
        min(max(Int(header.worker_count), 1), Int(STILE_MAX_WORKERS))
    }

    /// Gives every worker its queues and tables; returns when no worker uses what it had before. The first call starts
    /// the threads.
    func assign(
        ports: [Int: OpenPort], tables: TablesReader, classifier: stile_classifier, control: ControlReader
    ) throws(StartFailure) {
        let queues = ports.map {
            WorkerPlan.PortQueues(
                port: $0.key, rxQueues: $0.value.rxQueues, txQueues: $0.value.txQueues,
                hashesFlows: $0.value.spreadsFlows)
        }
        let plans = WorkerPlan.plans(for: queues, workerCount: count)
        let old = assignments
        assignments = plans.enumerated().map { index, plan in
            WorkerAssignment(
                plan: plan, ports: ports, handovers: handovers, tables: tables, classifier: classifier,
                control: control,
                punt: segment.puntRing(ofWorker: index, control: control.header),
                flows: segment.flowRing(ofWorker: index, control: control.header),
                accessLog: segment.accessLogRing(ofWorker: index, control: control.header),
                inject: index == 0 ? segment.injectRing(control: control.header) : nil
            ).placed()
        }
        if workers.isEmpty {
            // What was meant for the data plane before this one is stale by now.
            if let producer = stile_inject_producer(control.header) {
                segment.injectConsumer = stile_load_acquire_u64(producer)
            }
            try start()
            return
        }
        for (worker, assignment) in zip(workers, assignments) { worker.pointee.mailbox.publish(assignment) }
        // A worker sleeps for less than a millisecond. If one never answers, the watchdog of the service manager sees
        // a main thread that does not go on.
        for (worker, assignment) in zip(workers, assignments) {
            while !worker.pointee.mailbox.hasAdopted(assignment) { stile_sleep(50_000) }
        }
        old.forEach(WorkerAssignment.free)
    }

    private func start() throws(StartFailure) {
        let cyclesPerSecond = stile_cycles_per_second()
        for (index, assignment) in assignments.enumerated() {
            workers.append(
                Worker.make(
                    index: index, processor: index < cores.count ? cores[index] : nil, isBusy: isBusy,
                    segment: segment, cyclesPerSecond: cyclesPerSecond, handover: handovers[index],
                    spread: WorkerSpread(worker: index, rings: spreadRings),
                    shareChange: shareChange(of: index, cyclesPerSecond: cyclesPerSecond),
                    ownFrames: ownFrames, policers: policers, assignment: assignment))
        }
        balance = FlowBalance(samples, at: stile_cycles())
        lastLoops = [UInt64](repeating: 0, count: workers.count)
        for (index, worker) in workers.enumerated() {
            threads.append(try WorkerThread(running: worker, index: index))
        }
        for (index, worker) in workers.enumerated() {
            while worker.pointee.mailbox.start == nil { stile_sleep(50_000) }
            guard let code = worker.pointee.mailbox.start, code != 0, let core = worker.pointee.processor else {
                continue
            }
            logger.warning(
                "worker \(index): not tied to processor \(core): \(String(cString: strerror(code))); it runs anywhere")
        }
    }

    private func shareChange(of worker: Int, cyclesPerSecond: UInt64) -> ShareChange {
        func words(_ ring: OpaquePointer) -> ShareChange.Ring {
            ShareChange.Ring(filled: stile_ring_filled(ring), emptied: stile_ring_emptied(ring))
        }
        let peers = zip(spreadRings.outgoing(of: worker), handovers).enumerated().map { index, rings in
            ShareChange.Peer(
                statistics: segment.worker(index), handover: words(rings.1), spread: rings.0.map(words))
        }
        // A receive queue of 1,024 descriptors takes what comes in a quarter of a millisecond at 4 Mpps.
        return ShareChange(peers, longestCycles: cyclesPerSecond / 4_000, retryCycles: cyclesPerSecond / 50)
    }

    /// Shares flows anew where the workers' load differs.
    func balanceFlows() {
        for (worker, places) in zip(workers, balance?.next(samples, at: stile_cycles()) ?? []) {
            if let places { worker.pointee.mailbox.want(ownPlaces: places) }
        }
    }

    private var samples: [FlowBalance.Sample] {
        workers.map { worker in
            let statistics = worker.pointee.statistics
            return FlowBalance.Sample(
                busyCycles: stile_load_relaxed_u64(&statistics.pointee.busy_cycles),
                packets: stile_load_relaxed_u64(&statistics.pointee.packets),
                spreadPackets: stile_load_relaxed_u64(&statistics.pointee.spread_packets),
                spreadLost: stile_load_relaxed_u64(&statistics.pointee.spread_lost),
                ownPlaces: worker.pointee.mailbox.ownPlaces)
        }
    }

    /// Asks every worker to say when it is between two turns.
    func askForPause() -> UInt64 {
        lastPause += 1
        for worker in workers { worker.pointee.mailbox.askForPause(lastPause) }
        return lastPause
    }

    /// Whether all have been between two turns since.
    func havePaused(_ number: UInt64) -> Bool {
        workers.allSatisfy { $0.pointee.mailbox.hasPaused(number) }
    }

    /// Whether every worker has gone on since the last call.
    func allHaveMoved() -> Bool {
        let loops = workers.map { stile_load_relaxed_u64(&$0.pointee.statistics.pointee.loops) }
        defer { lastLoops = loops }
        return zip(loops, lastLoops).allSatisfy { $0 != $1 }
    }

    /// Ends the threads and frees what they had. Frames in the rings go back to their pools.
    func stop() {
        for worker in workers { worker.pointee.mailbox.askToStop() }
        for thread in threads { thread.join() }
        workers.forEach(Worker.destroy)
        assignments.forEach(WorkerAssignment.free)
        handovers.forEach(stile_handover_free)
        spreadRings.free()
        workers = []
        threads = []
        assignments = []
    }
}
