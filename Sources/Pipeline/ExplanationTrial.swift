import CTableLayout
import ForwardingTables
import PacketFormats

/// The memory of one explanation, and the walk over the stages.
final class ExplanationTrial {
    private let worker: UnsafeMutablePointer<WorkerState>
    private let counters: UnsafeMutablePointer<stile_interface_counters>
    private let drops: UnsafeMutablePointer<stile_interface_drops>
    private let statistics: UnsafeMutablePointer<stile_worker>
    private let memory: UnsafeMutableRawBufferPointer
    private let fragments = FragmentCollector()

    init(frame: [UInt8], port: UInt16, tables: TablesReader) {
        // One counter takes the counts of all interfaces.
        counters = .allocate(capacity: 1)
        counters.initialize(to: stile_interface_counters())
        drops = .allocate(capacity: 1)
        drops.initialize(to: stile_interface_drops())
        statistics = .allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        memory = .allocate(byteCount: Burst.headroomBytes + max(frame.count, 1), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        UnsafeMutableRawBufferPointer(rebasing: memory[Burst.headroomBytes...]).copyBytes(from: frame)
        worker = WorkerState.make(
            tables: tables, counters: counters, drops: drops, counterCount: 1, statistics: statistics,
            frames: fragments.source)
        let unlimited = [UInt32](repeating: 1_000_000, count: PuntLimiter.sharesPerInterface)
        worker.pointee.setRates(
            puntPacketsPerSecond: unlimited, puntSumPerSecond: 1_000_000, icmpPerSecond: 1_000_000,
            cyclesPerSecond: 1_000_000)
        // A packet to an unreachable next hop shows the common case, not the one packet a second that probes.
        worker.pointee.puntLimiter.stopProbing()
        let burst = worker.pointee.burst
        if let base = memory.baseAddress { burst.frame[0] = base + Burst.headroomBytes }
        burst.frameLength[0] = UInt16(clamping: frame.count)
        burst.port[0] = port
        burst.interface[0] = 0
    }

    deinit {
        WorkerState.destroy(worker)
        memory.deallocate()
        statistics.deallocate()
        counters.deallocate()
        drops.deallocate()
    }

    /// Late enough for every policer's buckets to be full.
    private static let cycles: UInt64 = 1 << 40

    /// Takes the frame along the common path as far as that goes.
    func pathTaken() -> Explanation.Path {
        Pipeline.begin(worker, count: 1, cycles: Self.cycles)
        Pipeline.run(.commonIngress, worker)
        guard worker.pointee.arrivedCount == 0 else { return .stages }
        if worker.pointee.incomingCount > 0 { Pipeline.run(.services, worker) }
        Pipeline.run(.lookup, worker)
        Pipeline.run(.commonDeparture, worker)
        GroupChoice.run(worker)
        if worker.pointee.outgoingCount > 0 {
            EgressServices.run(worker)
            CommonDeparture.runServed(worker)
        }
        let isLeft = worker.pointee.routedCount &+ worker.pointee.outgoingCount > 0
        return isLeft ? .commonIngress : .common
    }

    /// Takes the frame along the stages.
    func run() -> Explanation {
        var explanation = Explanation()
        worker.pointee.usesCommonPath = false
        Pipeline.begin(worker, count: 1, cycles: Self.cycles)
        Pipeline.leaveAllToStages(worker)
        explanation.steps = walk([
            .ingress, .labelCheck, .admission, .services, .lookup, .departure, .imposition,
        ])
        explanation.verdict = worker.pointee.burst.verdict[0]
        switch explanation.verdict {
        case .transmit: explanation.output = [outgoingFrame]
        case .fragmented, .replicated: explanation.output = fragments.transmitted
        case .pending, .drop, .punt: break
        }
        guard worker.pointee.reportedCount > 0 else { return explanation }
        explanation.answerSteps = walk([.errorReport, .lookup, .departure, .imposition])
        if case .transmit = worker.pointee.burst.verdict[0] { explanation.answer = outgoingFrame }
        // About a packet whose label is swapped the error is a frame of its own.
        if worker.pointee.isSwapped(0) { explanation.answer = fragments.transmitted.first }
        return explanation
    }

    private var outgoingFrame: [UInt8] {
        let burst = worker.pointee.burst
        return Array(UnsafeRawBufferPointer(start: burst.frame[0], count: Int(burst.frameLength[0])))
    }

    /// Runs those of `stages` that have the packet, up to the one that decides.
    private func walk(_ stages: [Stage]) -> [Explanation.Step] {
        var steps: [Explanation.Step] = []
        for stage in stages where holdsPacket(stage) {
            if stage == .departure { GroupChoice.run(worker) }
            let entriesBefore = entriesRead(by: stage)
            let isReport = stage == .errorReport
            worker.pointee.serviceBurst.forget()
            Pipeline.run(stage, worker)
            let decision: Explanation.Decision = isReport ? decisionOfReport : self.decision
            steps.append(.init(stage: stage, decision: decision, entries: entriesBefore + entriesFound(by: stage)))
        }
        return steps
    }

    /// Whether the packet is on the stage's list.
    private func holdsPacket(_ stage: Stage) -> Bool {
        switch stage {
        case .ingress: true
        case .labelCheck: worker.pointee.labelledCount > 0
        case .admission: worker.pointee.admittedCount > 0
        case .services: worker.pointee.incomingCount > 0
        case .lookup: worker.pointee.ipv4Count + worker.pointee.ipv6Count > 0
        case .departure: worker.pointee.routedCount > 0
        case .imposition: worker.pointee.departingCount > 0
        case .errorReport: worker.pointee.reportedCount > 0
        case .receive, .spread, .commonIngress, .commonDeparture, .flowMetering, .transmit: false
        }
    }

    private var decisionOfReport: Explanation.Decision {
        worker.pointee.isSwapped(0) && !fragments.transmitted.isEmpty
            ? .transmitted(port: worker.pointee.burst.adjacency[0].pointee.port) : .passed
    }

    private var decision: Explanation.Decision {
        // An ICMP error is under way while its packet still has the verdict of the drop; the lists tell.
        if [Stage.services, .lookup, .departure, .imposition].contains(where: holdsPacket) { return .passed }
        switch worker.pointee.burst.verdict[0] {
        case .pending: return .passed
        case .transmit(let port): return .transmitted(port: port)
        case .drop(let reason): return .dropped(reason)
        case .punt(let puntClass): return .punted(puntClass)
        case .fragmented: return .fragmented
        case .replicated: return .replicated(ports: fragments.ports)
        }
    }

    /// What the stage reads to decide.
    private func entriesRead(by stage: Stage) -> [Explanation.Entry] {
        let burst = worker.pointee.burst
        switch stage {
        case .receive, .spread, .commonIngress, .commonDeparture, .ingress, .errorReport, .flowMetering, .transmit:
            return []
        case .labelCheck: return labelEntries
        case .admission, .lookup: return [.vrf(burst.vrf[0])]
        case .services: return [.interface(UInt32(burst.interface[0]))]
        case .departure, .imposition: return [adjacencyEntry]
        }
    }

    /// What the stage found.
    private func entriesFound(by stage: Stage) -> [Explanation.Entry] {
        let burst = worker.pointee.burst
        switch stage {
        case .ingress:
            return burst.interface[0] == 0 ? [] : [.interface(UInt32(burst.interface[0]))]
        case .labelCheck:
            if worker.pointee.isSwapped(0) { return swapEntries }
            guard worker.pointee.admittedCount > 0 else { return [] }
            return [.interface(UInt32(burst.interface[0])), .vrf(burst.vrf[0])]
                + (worker.pointee.isPopped(0) ? nextHopEntries(burst.steeredNumber[0]) : [])
        case .lookup:
            let isIPv6 = burst.flags[0].contains(.isIPv6)
            let entries = nextHopEntries(isIPv6 ? burst.ipv6Result[0] : burst.ipv4Result[0])
            return entries.count > 1 ? entries : entries + [adjacencyEntry]
        case .services: return serviceEntries + routeMapEntries
        case .departure: return routeMapEntries + serviceEntries
        case .receive, .spread, .commonIngress, .admission, .commonDeparture, .imposition, .errorReport, .flowMetering,
            .transmit:
            return []
        }
    }

    /// A next hop and, of a group, the member that the packet takes.
    private func nextHopEntries(_ number: UInt32) -> [Explanation.Entry] {
        let group = worker.pointee.tables.nextHop(number)
        guard group.isGroup else { return [.nextHop(number)] }
        let origin: Explanation.Origin =
            switch GroupChoice.origin(of: 0, worker) {
            case STILE_GROUP_CORE: .core
            case STILE_GROUP_NNI: .nni
            default: .any
            }
        let member = Explanation.Entry.group(
            group.group, origin, bucket: GroupChoice.bucket(of: 0, worker),
            member: GroupChoice.member(of: group, 0, worker))
        return [.nextHop(number), member]
    }

    private var adjacencyEntry: Explanation.Entry {
        let burst = worker.pointee.burst
        let nextHop = burst.nextHop[0]
        return .adjacency(worker.pointee.adjacencyIndex(of: 0), interface: nextHop.hasInterface ? nextHop.interface : 0)
    }

    /// The next hop of a swapped label, and its adjacency; those of each member where it is replicated.
    private var swapEntries: [Explanation.Entry] {
        let tables = worker.pointee.tables
        guard let entry = swappedEntry.map({ tables.labelEntries[Int($0)] }) else { return [] }
        if let swap = SwapEntry(entry) { return [.nextHop(swap.nextHop), adjacencyEntry] }
        guard let replicate = ReplicateEntry(entry) else { return [] }
        return tables.replicationMembers(replicate.list).flatMap { member -> [Explanation.Entry] in
            let nextHop = tables.nextHop(member.nextHop)
            let adjacency = Explanation.Entry.adjacency(
                tables.adjacency(of: nextHop), interface: nextHop.hasInterface ? nextHop.interface : 0)
            return [.nextHop(member.nextHop), adjacency]
        }
    }

    private var serviceEntries: [Explanation.Entry] {
        let own = worker.pointee.serviceBurst
        return (own.rule.pointee == 0 ? [] : [.accessRule(own.rule.pointee)])
            + (own.policyClass.pointee == 0 ? [] : [.policyClass(own.policyClass.pointee)])
    }

    /// The entry of the route map, and the next hop that it gave.
    private var routeMapEntries: [Explanation.Entry] {
        let burst = worker.pointee.burst
        let entry = worker.pointee.serviceBurst.routeMapEntry[0]
        guard entry != 0 else { return [] }
        guard worker.pointee.steered == 0 else {
            return [
                .routeMapEntry(entry, isWithoutNextHop: false), .nextHop(burst.steeredNumber[0]), adjacencyEntry,
            ]
        }
        let count = worker.pointee.tables.routeMapEntries[Int(entry)].next_hop_count
        return [.routeMapEntry(entry, isWithoutNextHop: count > 0)]
    }

    /// The index of the label's entry, if the label is in the range of the NNI, and where that names a label space the one of
    /// the label below it.
    private var labelEntries: [Explanation.Entry] {
        let burst = worker.pointee.burst
        guard let index = labelEntry(above: burst.packet[0]) else { return [] }
        let tables = worker.pointee.tables
        let end = UnsafeRawPointer(burst.frame[0]) + Int(burst.frameLength[0])
        guard let context = ContextEntry(tables.labelEntries[Int(index)]),
            UnsafeRawPointer(burst.packet[0]) + LabelStackEntry.byteCount <= end
        else { return [.labelEntry(index)] }
        let table = tables.contextTables[Int(context.table)]
        let position = LabelStackEntry(burst.packet[0]).label &- table.label_base
        return [.labelEntry(index)]
            + (position < table.label_count ? [.labelEntry(table.label_first &+ position)] : [])
    }

    /// The same of a swapped label, under which others may be.
    private var swappedEntry: UInt32? {
        let burst = worker.pointee.burst
        return labelEntry(above: burst.packet[0] - Int(burst.labelsBelow[0]) * LabelStackEntry.byteCount)
    }

    private func labelEntry(above packet: UnsafeRawPointer) -> UInt32? {
        let burst = worker.pointee.burst
        guard packet - UnsafeRawPointer(burst.frame[0]) <= Int(burst.frameLength[0]) else { return nil }
        let nni = worker.pointee.tables.interfaces + Int(burst.interface[0])
        let position = LabelStackEntry(packet - LabelStackEntry.byteCount).label &- nni.pointee.label_base
        return position < nni.pointee.label_count ? nni.pointee.label_first &+ position : nil
    }
}
