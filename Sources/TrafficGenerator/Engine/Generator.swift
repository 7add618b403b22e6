import Addressing
import CDPDKShim
import CTableLayout
import Glibc

/// Sends a profile's streams and receives what comes back: one thread, the caller's, does both.
public final class Generator: TrialMeasurer {
    public let profile: TrafficProfile
    public let devices: [GeneratorDevice]
    /// What the profile's rates add up to.
    public let profilePacketsPerSecond: Double
    /// Packets a second at which a line-rate device is full with this mix of frames; `nil` for devices in memory.
    public let lineRatePacketsPerSecond: Double?
    private let settings: GeneratorSettings
    private let loop: UnsafeMutablePointer<LoopState>
    private let templateCount: Int
    private let cyclesPerSecond = stile_cycles_per_second()
    /// Called once a second while a trial runs, on a thread of its own.
    private let watch: (@Sendable (TrialProgress) -> Void)?

    /// - Parameters:
    ///   - devices: open; the first is that of streams that name none.
    ///   - watch: called about once a second while a trial runs, on a thread of its own; the reason not to do it in
    ///     the loop is that a slow terminal must not hold up the packets.
    /// - Throws: `TrafficError` for a stream whose port is not among the devices or whose frames are too large.
    public init(
        profile: TrafficProfile, devices: [GeneratorDevice], settings: GeneratorSettings,
        watch: (@Sendable (TrialProgress) -> Void)? = nil
    ) throws(TrafficError) {
        try profile.check()
        self.profile = profile
        self.devices = devices
        self.settings = settings
        self.watch = watch
        var weights: [Double] = []
        var templates: [FrameTemplate] = []
        var streams: [LoopStream] = []
        var total = 0.0
        var bits = 0.0
        let lineRate = settings.lineRateBitsPerSecond ?? devices.compactMap(\.lineRateBitsPerSecond).min()
        for (number, stream) in profile.streams.enumerated() {
            guard let device = stream.port.map({ port in devices.firstIndex { $0.name.name == port } }) ?? 0 else {
                throw TrafficError(
                    .invalidProfile,
                    "stream '\(stream.name)' leaves by port '\(stream.port ?? "")', which no device is",
                    hint: "name it: --device \(stream.port ?? "")=DEVICE")
            }
            let rate = try stream.rate.packetsPerSecond(
                meanFrameBytes: stream.meanFrameBytes, lineRateBitsPerSecond: lineRate)
            total += rate
            bits += rate * (stream.meanFrameBytes + StreamRate.layer1OverheadBytes) * 8
            let entries = stream.frameSizes.entries
            let shares = entries.reduce(0) { $0 + $1.weight }
            for entry in entries {
                guard entry.bytes <= settings.mtuBytes + 18 + 4 * stream.labels.count else {
                    throw TrafficError(
                        .invalidProfile, "stream '\(stream.name)': frames of \(entry.bytes) octets are above the MTU",
                        hint: "--mtu sets the largest IP packet")
                }
                templates.append(
                    FrameTemplate(
                        stream: stream, frameBytes: entry.bytes, sourceMAC: stream.sourceMAC ?? devices[device].mac,
                        destinationMAC: stream.destinationMAC, number: UInt16(clamping: number)))
                weights.append(rate * Double(entry.weight) / Double(shares))
            }
            streams.append(LoopStream(stream, device: device))
        }
        profilePacketsPerSecond = total
        lineRatePacketsPerSecond = lineRate.map { $0 / (bits / total) }
        templateCount = templates.count
        loop = Self.makeLoop(
            devices: devices.map(LoopDevice.init), streams: streams, templates: templates,
            schedule: StreamSchedule.order(weights: weights), seed: settings.seed)
    }

    private static func makeLoop(
        devices: [LoopDevice], streams: [LoopStream], templates: [FrameTemplate], schedule: [UInt32], seed: UInt64
    ) -> UnsafeMutablePointer<LoopState> {
        func placed<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
            let place = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
            for (index, element) in elements.enumerated() { (place + index).initialize(to: element) }
            return place
        }
        let received: [OpaquePointer?] = Array(repeating: nil, count: LoopDevice.burst)
        let foreign: [OpaquePointer?] = Array(repeating: nil, count: LoopState.foreignCapacity)
        return placed([
            LoopState(
                devices: placed(devices), deviceCount: devices.count, streams: placed(streams),
                streamCount: streams.count, templates: placed(templates), schedule: placed(schedule),
                scheduleCount: schedule.count, totals: placed([LoopTotals()]), received: placed(received),
                foreign: placed(foreign),
                foreignDevices: placed([Int](repeating: 0, count: LoopState.foreignCapacity)),
                random: PacketRandom(seed: seed))
        ])
    }

    deinit {
        for index in 0..<loop.pointee.deviceCount { loop.pointee.devices[index].deallocate() }
        for index in 0..<loop.pointee.streamCount { loop.pointee.streams[index].deallocate() }
        for index in 0..<templateCount { loop.pointee.templates[index].deallocate() }
        loop.pointee.devices.deallocate()
        loop.pointee.streams.deallocate()
        loop.pointee.templates.deallocate()
        loop.pointee.schedule.deallocate()
        loop.pointee.totals.deallocate()
        loop.pointee.received.deallocate()
        loop.pointee.foreign.deallocate()
        loop.pointee.foreignDevices.deallocate()
        loop.deallocate()
    }

    /// - Throws: `TrafficError` with `interrupted` when a signal ended an earlier trial.
    public func measure(_ input: TrialInput) throws -> TrialResult {
        guard !settings.stop.isAsked else { throw TrafficError(.interrupted, "interrupted") }
        start(input)
        let watcher = TrialWatcher(totals: loop.pointee.totals, stop: settings.stop, watch: watch)
        var answered: UInt64 = 0
        var outcome = LoopOutcome.foreignFrames
        while outcome == .foreignFrames {
            outcome = runLoop(loop)
            answered += answerNeighbors()
        }
        watcher.end()
        return result(of: input, answered: answered, wasInterrupted: outcome == .stopped)
    }

    private func start(_ input: TrialInput) {
        for index in 0..<loop.pointee.streamCount { loop.pointee.streams[index].reset() }
        let packets =
            input.burstPackets ?? input.loadPacketsPerSecond.map { UInt64(max($0 * input.durationSeconds, 1)) }
            ?? .max
        let ticksPerSecond = Double(cyclesPerSecond)
        loop.pointee.pace = Pace(
            packetsPerSecond: input.loadPacketsPerSecond, packets: packets,
            endTicks: UInt64(max(input.durationSeconds, 0) * ticksPerSecond), ticksPerSecond: cyclesPerSecond,
            lagLimitSeconds: settings.lagLimitSeconds)
        loop.pointee.trial &+= 1
        loop.pointee.schedulePosition = 0
        loop.pointee.receivedPackets = 0
        loop.pointee.offeredPackets = 0
        loop.pointee.refusedPackets = 0
        loop.pointee.foreignPackets = 0
        loop.pointee.isSending = true
        loop.pointee.firstSentAt = 0
        loop.pointee.lastSentAt = 0
        loop.pointee.drainTicks = UInt64(settings.drainSeconds * ticksPerSecond)
        loop.pointee.totals.pointee = LoopTotals()
        loop.pointee.startTicks = stile_time_stamp()
    }

    /// Answers what the loop left aside; returns how many answers were sent.
    private func answerNeighbors() -> UInt64 {
        var answered: UInt64 = 0
        for index in 0..<loop.pointee.foreignCount {
            guard let frame = loop.pointee.foreign[index] else { continue }
            let octets = Array(
                UnsafeRawBufferPointer(start: stile_mbuf_data(frame), count: Int(stile_mbuf_length(frame))))
            stile_mbuf_free(frame)
            let number = loop.pointee.foreignDevices[index]
            guard let answer = NeighborAnswer.frame(to: octets, mac: devices[number].mac),
                devices[number].send(answer)
            else { continue }
            answered += 1
        }
        loop.pointee.foreignCount = 0
        return answered
    }

    private func result(of input: TrialInput, answered: UInt64, wasInterrupted: Bool) -> TrialResult {
        let state = loop.pointee
        let nanosecondsPerUnit = Double(1 << MeasurementPayload.timeStampShift) / Double(cyclesPerSecond) * 1e9
        let streams = profile.streams.enumerated().map { number, stream in
            let counts = state.streams[number]
            return StreamResult(
                name: stream.name, vrf: stream.vrf, attack: stream.attack, offeredPackets: counts.offered,
                refusedPackets: counts.refused, receivedPackets: counts.arrivals.received,
                duplicatePackets: counts.arrivals.duplicates, reorderedPackets: counts.arrivals.reordered,
                largestReorderingDistancePackets: counts.arrivals.largestReorderingDistance,
                beyondWindowPackets: counts.arrivals.beyondWindow,
                latency: counts.latencies.summary(nanosecondsPerUnit: nanosecondsPerUnit))
        }
        let expected = profile.streams.indices.filter { profile.streams[$0].attack == nil }
        let sent = state.lastSentAt > state.firstSentAt ? state.lastSentAt - state.firstSentAt : 0
        let intended = state.offeredPackets + state.pace.unsent
        return TrialResult(
            input: input, transmitSeconds: Double(sent) / Double(cyclesPerSecond), unsentPackets: state.pace.unsent,
            foreignPackets: state.foreignPackets, answeredNeighborRequests: answered,
            isGeneratorLimited: Double(state.pace.unsent) > Double(intended) * settings.unsentTolerance,
            wasInterrupted: wasInterrupted, streams: streams,
            latency: LatencyCounts.summary(
                of: expected.map { state.streams[$0].latencies }, nanosecondsPerUnit: nanosecondsPerUnit))
    }
}
