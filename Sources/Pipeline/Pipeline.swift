import CTableLayout
import PacketFormats

/// The two paths of a burst. The common path takes each packet as far as it is a common one: one pass over the frames as they
/// come in, one over the packets as they leave. All others take the stages, rule by rule, each stage for all of its packets.
/// Services and lookup are the same for both.
public enum Pipeline {
    /// One burst in so many has the clock read behind each pass: that is where the cycles of each stage come from. It takes the
    /// same path as the others.
    static var clockedBursts: UInt64 { @_noLocks @inline(__always) get { 64 } }

    /// Runs received frames through the pipeline and leaves a verdict for each in `Burst.verdict`.
    ///
    /// - Parameters:
    ///   - count: how many packets the owner has put in the burst, at most `Burst.capacity`.
    ///   - cycles: the processor's counter now, the time for all rate limits of this burst.
    @_noLocks
    public static func process(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        begin(worker, count: count, cycles: cycles)
        if worker.pointee.isMetering { FlowMeter.begin(worker) }
        var clock = StageClock(worker)
        if worker.pointee.usesCommonPath {
            run(.commonIngress, worker, &clock, packets: worker.pointee.count)
        } else {
            leaveAllToStages(worker)
        }
        if worker.pointee.arrivedCount > 0 { accept(worker, &clock) }
        if worker.pointee.isMetering { FlowMeter.noteLabels(worker) }
        if worker.pointee.incomingCount > 0 {
            run(.services, worker, &clock, packets: worker.pointee.incomingCount)
        }
        forward(worker, &clock)
        if worker.pointee.isMetering { run(.flowMetering, worker, &clock, packets: worker.pointee.count) }
        if worker.pointee.reportedCount > 0 { report(worker, &clock) }
    }

    /// Runs IP packets that the box made, or held back, through the pipeline from the lookup on.
    ///
    /// The owner has set `packet`, `packetLength`, `vrf`, `counter`, `flags` and `answeredNNI` of each packet, with
    /// `Burst.injectionHeadroomBytes` in front of it. The counter is that of the interface where the packet, or what it
    /// answers, came in: its drops count there, and what it needs of the control process comes from that one's share. The
    /// flags are `.saidByTheBox` for an answer, `.cameLabelled` for one that came from an NNI before it was held, and for
    /// the answer to one, with `.mayTransit` where the VRF that it came in by allows NNI to NNI. A packet whose header is
    /// malformed is dropped.
    @_noLocks
    public static func inject(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        begin(worker, count: count, cycles: cycles)
        // Counted when they came in, or made by the box.
        worker.pointee.isMetering = false
        Injection.run(worker)
        var clock = StageClock(worker)
        forward(worker, &clock)
        if worker.pointee.reportedCount > 0 { report(worker, &clock) }
    }

    /// Empties the lists for a new burst. A packet that no stage decides about stays pending, which its owner drops: it
    /// must not have the verdict of the packet before it.
    @_noLocks @inline(__always)
    static func begin(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        worker.pointee.count = min(count, Burst.capacity)
        worker.pointee.cycles = cycles
        worker.pointee.egressPorts = 0
        worker.pointee.swapped = 0
        worker.pointee.popped = 0
        worker.pointee.arrivedCount = 0
        worker.pointee.labelledCount = 0
        worker.pointee.admittedCount = 0
        worker.pointee.incomingCount = 0
        worker.pointee.incomingFeatures = 0
        worker.pointee.outgoingCount = 0
        worker.pointee.outgoingFeatures = 0
        worker.pointee.ipv4Count = 0
        worker.pointee.ipv6Count = 0
        worker.pointee.routedCount = 0
        worker.pointee.departingCount = 0
        worker.pointee.reportedCount = 0
        let verdict = worker.pointee.burst.verdict
        var index = 0
        while index < worker.pointee.count {
            verdict[index] = .pending
            index &+= 1
        }
        worker.pointee.isMetering = worker.pointee.tables.metersFlows
    }

    @_noLocks @inline(never)
    static func leaveAllToStages(_ worker: UnsafeMutablePointer<WorkerState>) {
        var index = 0
        while index < worker.pointee.count {
            worker.pointee.leaveToStages(index)
            index &+= 1
        }
    }

    /// The stages of what comes in, for what is not common.
    @_noLocks @inline(never)
    private static func accept(_ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout StageClock) {
        let incomingBefore = worker.pointee.incomingCount
        run(.ingress, worker, &clock, packets: worker.pointee.arrivedCount)
        run(.labelCheck, worker, &clock, packets: worker.pointee.labelledCount)
        run(.admission, worker, &clock, packets: worker.pointee.admittedCount)
        if worker.pointee.incomingCount > incomingBefore { IngressServices.restoreOrder(worker) }
    }

    /// From the lookup on.
    @_noLocks @inline(__always)
    private static func forward(_ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout StageClock) {
        run(.lookup, worker, &clock, packets: worker.pointee.ipv4Count &+ worker.pointee.ipv6Count)
        if worker.pointee.usesCommonPath {
            run(.commonDeparture, worker, &clock, packets: worker.pointee.routedCount)
        }
        // Packets whose label has been swapped depart already.
        guard worker.pointee.routedCount &+ worker.pointee.outgoingCount &+ worker.pointee.departingCount > 0 else {
            return
        }
        depart(worker, &clock)
    }

    /// The stages of what leaves, for what is not common, and the services of both.
    @_noLocks @inline(never)
    private static func depart(_ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout StageClock) {
        let packets = worker.pointee.routedCount &+ worker.pointee.outgoingCount
        depart(worker)
        clock.note(.departure, packets: packets, worker)
        run(.imposition, worker, &clock, packets: worker.pointee.departingCount)
    }

    @_noLocks @inline(__always)
    private static func depart(_ worker: UnsafeMutablePointer<WorkerState>) {
        if worker.pointee.routedCount > 0 {
            GroupChoice.run(worker)
            Departure.run(worker)
        }
        if worker.pointee.outgoingCount > 0 {
            EgressServices.run(worker)
            if worker.pointee.usesCommonPath { CommonDeparture.runServed(worker) }
        }
        Departure.finish(worker)
    }

    /// The ICMP errors that came up, with their way out. Those cause no further ones.
    @_noLocks @inline(never)
    private static func report(_ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout StageClock) {
        run(.errorReport, worker, &clock, packets: worker.pointee.reportedCount)
        forward(worker, &clock)
    }

    @_noLocks @inline(__always)
    private static func run(
        _ stage: Stage, _ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout StageClock, packets: Int
    ) {
        run(stage, worker)
        clock.note(stage, packets: packets, worker)
    }

    @_noLocks @inline(__always)
    static func run(_ stage: Stage, _ worker: UnsafeMutablePointer<WorkerState>) {
        switch stage {
        case .commonIngress: CommonIngress.run(worker)
        case .ingress: Ingress.run(worker)
        case .labelCheck: LabelCheck.run(worker)
        case .admission: Admission.run(worker)
        case .services: IngressServices.run(worker)
        case .lookup: Lookup.run(worker)
        case .commonDeparture: CommonDeparture.run(worker)
        case .departure: depart(worker)
        case .imposition: Imposition.run(worker)
        case .errorReport: ErrorReport.run(worker)
        case .flowMetering: FlowMeter.run(worker)
        case .receive, .spread, .transmit: return
        }
    }
}
