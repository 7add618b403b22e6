import CDPDKShim
import CTableLayout
import ForwardingTables
import Pipeline

/// All that one worker has: its way through the pipeline, its queues, its buffers. It lives behind a pointer and is
/// touched by the worker's own thread once that has started.
struct Worker {
    let index: Int
    /// The processor to be tied to; `nil`: left to the kernel.
    let processor: UInt16?
    let mailbox: WorkerMailbox
    let pipeline: UnsafeMutablePointer<WorkerState>
    /// This worker's record in the data plane's segment.
    let statistics: UnsafeMutablePointer<stile_worker>
    /// This worker's interface counters, and how many there are.
    private let counters: UnsafeMutablePointer<stile_interface_counters>
    private let counterCount: Int
    let cyclesPerSecond: UInt64
    /// Frames that other workers hand over, since this one owns the transmit queue.
    let handover: OpaquePointer
    /// Frames to and from the other workers by the flows that they belong to.
    var spread: WorkerSpread
    var shareChange: ShareChange
    /// Frames for fragments and for what the control process injects.
    let ownFrames: OpaquePointer

    /// Most packets in a burst, and the octets that the pipeline wants in front of a frame. Constants of another module
    /// are behind a lazy initializer, which hot code may not touch.
    let burstCapacity = Burst.capacity
    let headroomBytes = UInt16(Burst.headroomBytes)

    /// What the main thread has assigned; changes between two turns of the loop only.
    var assignment: UnsafeMutablePointer<WorkerAssignment>
    var buffers = TransmitBuffers()
    var backoff: IdleBackoff
    /// The frames of the burst in hand, in its order.
    let frames: UnsafeMutablePointer<OpaquePointer?>
    /// Those of them that leave by one port.
    let departing: UnsafeMutablePointer<OpaquePointer?>
    /// Those that are free.
    let finished: UnsafeMutablePointer<OpaquePointer?>
    var finishedCount = 0
    var puntPlaces: PuntPlaces
    /// When the last turn ended; a turn's cycles are those since then.
    var turnEnd: UInt64 = 0
    /// Whether `statistics.epoch` says so; then a fence is due before the next look at the tables.
    var isOffline = true

    private init(
        index: Int, processor: UInt16?, isBusy: Bool, segment: DataplaneSegment, cyclesPerSecond: UInt64,
        handover: OpaquePointer, spread: WorkerSpread, shareChange: ShareChange, ownFrames: OpaquePointer,
        pipeline: UnsafeMutablePointer<WorkerState>, assignment: UnsafeMutablePointer<WorkerAssignment>
    ) {
        func array() -> UnsafeMutablePointer<OpaquePointer?> {
            let array = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: Burst.capacity)
            array.initialize(repeating: nil, count: Burst.capacity)
            return array
        }
        self.index = index
        self.processor = processor
        self.cyclesPerSecond = cyclesPerSecond
        self.handover = handover
        self.spread = spread
        self.shareChange = shareChange
        self.ownFrames = ownFrames
        self.pipeline = pipeline
        self.assignment = assignment
        mailbox = WorkerMailbox()
        mailbox.want(ownPlaces: spread.ownPlaces)
        mailbox.report(ownPlaces: spread.ownPlaces)
        statistics = segment.worker(index)
        counters = segment.counters(ofWorker: index)
        counterCount = segment.counterCount
        backoff = IdleBackoff(isBusy: isBusy)
        frames = array()
        departing = array()
        finished = array()
        puntPlaces = PuntPlaces(ring: assignment.pointee.punt, counterCount: segment.counterCount)
    }

    /// A worker that has its first assignment, freed by `destroy`.
    static func make(
        index: Int, processor: UInt16?, isBusy: Bool, segment: DataplaneSegment, cyclesPerSecond: UInt64,
        handover: OpaquePointer, spread: WorkerSpread, shareChange: ShareChange, ownFrames: OpaquePointer,
        policers: UnsafeMutablePointer<stile_policer_state>, assignment: UnsafeMutablePointer<WorkerAssignment>
    ) -> UnsafeMutablePointer<Worker> {
        let place = UnsafeMutablePointer<Worker>.allocate(capacity: 1)
        let pipeline = WorkerState.make(
            tables: assignment.pointee.tables, counters: segment.counters(ofWorker: index),
            drops: segment.drops(ofWorker: index), counterCount: Int(segment.header.pointee.counter_count),
            statistics: segment.worker(index),
            frames: FragmentFrames.source(for: place),
            serviceMemory: ServiceMemory(
                classCounters: segment.classCounters(ofWorker: index),
                accessHits: segment.accessHits(ofWorker: index), policers: policers))
        place.initialize(
            to: Worker(
                index: index, processor: processor, isBusy: isBusy, segment: segment,
                cyclesPerSecond: cyclesPerSecond, handover: handover, spread: spread, shareChange: shareChange,
                ownFrames: ownFrames, pipeline: pipeline, assignment: assignment))
        place.pointee.adopt(assignment)
        return place
    }

    /// Frees a worker whose thread has ended or never begun.
    static func destroy(_ worker: UnsafeMutablePointer<Worker>) {
        WorkerState.destroy(worker.pointee.pipeline)
        worker.pointee.mailbox.deallocate()
        worker.pointee.buffers.deallocate()
        worker.pointee.spread.deallocate()
        worker.pointee.shareChange.deallocate()
        worker.pointee.frames.deallocate()
        worker.pointee.departing.deallocate()
        worker.pointee.finished.deallocate()
        worker.pointee.puntPlaces.deallocate()
        worker.deallocate()
    }

    /// Goes on with a change of how many flows stay here, if one is wanted; whether nothing is to be received from queues
    /// that are spread.
    @_noLocks
    mutating func changeShares() -> Bool {
        let wanted = mailbox.wantedOwnPlaces
        guard wanted != spread.ownPlaces else {
            shareChange.cancel()
            return false
        }
        switch shareChange.advance(now: turnEnd) {
        case .receive: return false
        case .wait: return true
        case .share:
            spread.ownPlaces = wanted
            mailbox.report(ownPlaces: wanted)
            return false
        }
    }

    /// Accounts a turn that found work, or not.
    @_noLocks
    mutating func endTurn(foundWork: Bool) {
        let now = stile_cycles()
        if foundWork {
            stile_store_relaxed_u64(
                &statistics.pointee.busy_cycles, statistics.pointee.busy_cycles &+ (now &- turnEnd))
        } else {
            stile_store_relaxed_u64(&statistics.pointee.idle_loops, statistics.pointee.idle_loops &+ 1)
        }
        turnEnd = now
    }

    /// Counts a frame that does not reach the stages as received. As with them, a number that is not below the count
    /// stands for 0.
    @_noLocks
    func countReceived(counter: UInt16, bytes: Int) {
        stile_count_rx(
            counters + (Int(counter) < counterCount ? Int(counter) : 0), 1, UInt64(truncatingIfNeeded: bytes))
    }

    /// Changes over to what the main thread has published, between two turns. Afterwards nothing of the old
    /// assignment is looked at again.
    mutating func adopt(_ published: UnsafeMutablePointer<WorkerAssignment>) {
        buffers.flush(departures: assignment.pointee.departures, pipeline: pipeline)
        assignment = published
        // Another control segment counts its epochs anew: its first one needs the fence as after a sleep.
        isOffline = true
        pipeline.pointee.tables = published.pointee.tables
        pipeline.pointee.classifier = published.pointee.classifier
        let control = published.pointee.control
        withUnsafeBytes(of: control.pointee.punt_rate) { rates in
            guard let first = rates.bindMemory(to: UInt32.self).baseAddress else { return }
            pipeline.pointee.setRates(
                puntPacketsPerSecond: first, puntSumPerSecond: control.pointee.punt_sum_rate,
                icmpPerSecond: control.pointee.icmp_rate,
                cyclesPerSecond: cyclesPerSecond)
        }
        stile_store_release_u64(
            &statistics.pointee.generation.value, published.pointee.tables.header.pointee.generation)
        mailbox.adopt(published)
    }
}
