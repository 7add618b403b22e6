/// What a trial is asked to do (RFC 9971: Trial Input), in packets of all streams together.
public struct TrialInput: Codable, Hashable, Sendable {
    /// `nil`: back to back, as fast as the generator can.
    public let loadPacketsPerSecond: Double?
    public let durationSeconds: Double
    /// Ends the transmission after so many packets, if that comes first.
    public let burstPackets: UInt64?

    public init(loadPacketsPerSecond: Double?, durationSeconds: Double, burstPackets: UInt64? = nil) {
        self.loadPacketsPerSecond = loadPacketsPerSecond
        self.durationSeconds = durationSeconds
        self.burstPackets = burstPackets
    }
}

/// A trial and its outcome (RFC 9971: Trial Result).
public struct TrialResult: Codable, Hashable, Sendable {
    public let input: TrialInput
    /// From the first packet to the last.
    public let transmitSeconds: Double
    /// Packets that the pace asked for and the generator did not make in time.
    public let unsentPackets: UInt64
    /// Frames that came in and belong to no stream of this trial.
    public let foreignPackets: UInt64
    /// ARP requests and neighbor solicitations that the generator answered.
    public let answeredNeighborRequests: UInt64
    /// Whether the generator fell behind its pace by more than half a percent: then a loss says nothing of the device.
    public let isGeneratorLimited: Bool
    public let wasInterrupted: Bool
    public let streams: [StreamResult]
    /// Of the streams that are not part of an attack, together.
    public let latency: LatencySummary?

    // Of the streams that are not part of an attack: their packets are expected to arrive.
    public let offeredPackets: UInt64
    public let receivedPackets: UInt64
    public let lostPackets: UInt64
    /// RFC 9971: Trial Loss Ratio; 1 when nothing was offered.
    public let lossRatio: Double
    /// What was offered, of all streams, over the time of transmission.
    public let offeredPacketsPerSecond: Double
    /// RFC 9971: Trial Forwarding Rate.
    public let forwardingPacketsPerSecond: Double

    public init(
        input: TrialInput, transmitSeconds: Double, unsentPackets: UInt64, foreignPackets: UInt64,
        answeredNeighborRequests: UInt64, isGeneratorLimited: Bool, wasInterrupted: Bool, streams: [StreamResult],
        latency: LatencySummary? = nil
    ) {
        self.input = input
        self.transmitSeconds = transmitSeconds
        self.unsentPackets = unsentPackets
        self.foreignPackets = foreignPackets
        self.answeredNeighborRequests = answeredNeighborRequests
        self.isGeneratorLimited = isGeneratorLimited
        self.wasInterrupted = wasInterrupted
        self.streams = streams
        self.latency = latency
        let expected = streams.filter { $0.attack == nil }
        offeredPackets = expected.reduce(0) { $0 + $1.offeredPackets }
        receivedPackets = expected.reduce(0) { $0 + $1.receivedPackets }
        lostPackets = expected.reduce(0) { $0 + $1.lostPackets }
        lossRatio = offeredPackets == 0 ? 1 : Double(lostPackets) / Double(offeredPackets)
        let all = streams.reduce(0) { $0 + $1.offeredPackets }
        offeredPacketsPerSecond = transmitSeconds > 0 ? Double(all) / transmitSeconds : 0
        forwardingPacketsPerSecond = (input.loadPacketsPerSecond ?? offeredPacketsPerSecond) * (1 - lossRatio)
    }

    public var expectedStreams: [StreamResult] { streams.filter { $0.attack == nil } }
}

/// What performs trials: the generator, or a simulated device in tests.
public protocol TrialMeasurer {
    mutating func measure(_ input: TrialInput) throws -> TrialResult
}
