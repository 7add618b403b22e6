import CTableLayout
import PacketFormats

/// The stages, in order. What a burst's owner calls.
public enum Pipeline {
    /// One burst in so many passes the stages one by one, with the clock read in between: that is where the cycles of
    /// each stage come from. The others are not clocked, and do at once what need not wait for the rest of the burst
    /// (`Bench/run pipeline`: 18 cycles a packet less).
    static var clockedBursts: UInt64 { @_noLocks @inline(__always) get { 64 } }

    /// Runs received frames through all stages and leaves a verdict for each in `Burst.verdict`.
    ///
    /// - Parameters:
    ///   - count: how many packets the owner has put in the burst, at most `Burst.capacity`.
    ///   - cycles: the processor's counter now, the time for all rate limits of this burst.
    @_noLocks
    public static func process(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        begin(worker, count: count, cycles: cycles)
        if worker.pointee.isMetering { FlowMeter.begin(worker) }
        guard worker.pointee.isStepwise else {
            Ingress.run(worker)
            if worker.pointee.isMetering { FlowMeter.noteLabels(worker) }
            if worker.pointee.incomingCount > 0 { IngressServices.run(worker) }
            Lookup.run(worker)
            Departure.run(worker)
            if worker.pointee.isMetering { FlowMeter.run(worker) }
            guard worker.pointee.reportedCount > 0 else { return }
            ErrorReport.run(worker)
            Lookup.run(worker)
            Departure.run(worker)
            return
        }
        var clock = stile_cycles()
        run(.ingress, worker, &clock, packets: worker.pointee.count)
        run(.labelCheck, worker, &clock, packets: worker.pointee.labelledCount)
        if worker.pointee.isMetering { FlowMeter.noteLabels(worker) }
        run(.admission, worker, &clock, packets: worker.pointee.admittedCount)
        if worker.pointee.incomingCount > 0 {
            run(.services, worker, &clock, packets: worker.pointee.incomingCount)
        }
        forward(worker, &clock, isMetering: worker.pointee.isMetering)
    }

    /// Runs IP packets that the box made, or held back, through the stages from the lookup on.
    ///
    /// The owner has set `packet`, `packetLength`, `vrf`, `counter`, `flags` and `answeredNNI` of each packet, with
    /// `Burst.injectionHeadroomBytes` in front of it. The counter is that of the interface where the packet, or what it
    /// answers, came in: its drops count there, and what it needs of the control process comes from that one's share. The
    /// flags are `.saidByTheBox` for an answer, `.cameFromNNI` for one that came from an NNI before it was held, and for
    /// the answer to one, with `.mayTransit` where the VRF that it came in by allows NNI to NNI. A packet whose header is
    /// malformed is dropped.
    @_noLocks
    public static func inject(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        begin(worker, count: count, cycles: cycles)
        // Counted when they came in, or made by the box.
        worker.pointee.isMetering = false
        worker.pointee.isStepwise = true
        Injection.run(worker)
        var clock = stile_cycles()
        forward(worker, &clock, isMetering: false)
    }

    /// Empties the lists for a new burst. A packet that no stage decides about stays pending, which its owner drops: it
    /// must not have the verdict of the packet before it.
    @_noLocks @inline(__always)
    static func begin(_ worker: UnsafeMutablePointer<WorkerState>, count: Int, cycles: UInt64) {
        worker.pointee.count = min(count, Burst.capacity)
        worker.pointee.cycles = cycles
        worker.pointee.egressPorts = 0
        worker.pointee.isStepwise = worker.pointee.bursts % clockedBursts == 0
        worker.pointee.bursts &+= 1
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

    /// From the lookup on; then once more for the ICMP errors that came up. Those cause no further ones.
    @_noLocks @inline(__always)
    private static func forward(
        _ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout UInt64, isMetering: Bool
    ) {
        run(.lookup, worker, &clock, packets: worker.pointee.ipv4Count &+ worker.pointee.ipv6Count)
        run(.departure, worker, &clock, packets: worker.pointee.routedCount)
        run(.imposition, worker, &clock, packets: worker.pointee.departingCount)
        if isMetering { run(.flowMetering, worker, &clock, packets: worker.pointee.count) }
        guard worker.pointee.reportedCount > 0 else { return }
        run(.errorReport, worker, &clock, packets: worker.pointee.reportedCount)
        run(.lookup, worker, &clock, packets: worker.pointee.ipv4Count &+ worker.pointee.ipv6Count)
        run(.departure, worker, &clock, packets: worker.pointee.routedCount)
        run(.imposition, worker, &clock, packets: worker.pointee.departingCount)
    }

    /// Runs one stage and accounts its cycles: the counter is read once per stage and burst.
    @_noLocks @inline(__always)
    private static func run(
        _ stage: Stage, _ worker: UnsafeMutablePointer<WorkerState>, _ clock: inout UInt64, packets: Int
    ) {
        run(stage, worker)
        let now = stile_cycles()
        stile_count_stage(
            worker.pointee.statistics, stage.number, now &- clock, UInt64(truncatingIfNeeded: packets))
        clock = now
    }

    @_noLocks @inline(__always)
    static func run(_ stage: Stage, _ worker: UnsafeMutablePointer<WorkerState>) {
        switch stage {
        case .ingress: Ingress.run(worker)
        case .labelCheck: LabelCheck.run(worker)
        case .admission: Admission.run(worker)
        case .services: IngressServices.run(worker)
        case .lookup: Lookup.run(worker)
        case .departure: Departure.run(worker)
        case .imposition: Imposition.run(worker)
        case .errorReport: ErrorReport.run(worker)
        case .flowMetering: FlowMeter.run(worker)
        case .receive, .spread, .transmit: return
        }
    }
}
