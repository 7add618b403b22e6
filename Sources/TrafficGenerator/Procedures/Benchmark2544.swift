import Foundation

/// How long RFC 2544's tests are; the RFC's own figures take hours for all sizes.
public struct Benchmark2544Settings: Codable, Hashable, Sendable {
    /// §24: 60 seconds.
    public var trialSeconds = 60.0
    /// §26.2: 120 seconds, 20 times.
    public var latencySeconds = 120.0
    public var latencyRepetitions = 20
    /// §26.4: 50 times.
    public var backToBackRepetitions = 50
    public var relativeWidth = 0.005

    public init() {}

    /// The RFC's procedures with short trials: for a look, not for a report.
    public static var quick: Benchmark2544Settings {
        var settings = Benchmark2544Settings()
        settings.trialSeconds = 1
        settings.latencySeconds = 2
        settings.latencyRepetitions = 1
        settings.backToBackRepetitions = 3
        settings.relativeWidth = 0.02
        return settings
    }
}

/// RFC 2544's results for one frame size and forwarding case.
public struct FrameSizeResult: Codable, Hashable, Sendable {
    public let forwardingCase: ForwardingCase
    public let frameBytes: Int
    /// What the frames of the streams had at least, where their headers need more than `frameBytes`.
    public let smallestFrameBytes: Int
    public let throughputPacketsPerSecond: Double?
    public let isGeneratorLimited: Bool
    /// At the throughput's rate; the mean of the repetitions' medians.
    public let latencyMedianNanoseconds: Double?
    /// The largest of the repetitions' 99.9th percentiles.
    public let latencyPercentile999Nanoseconds: UInt64?
    public let frameLoss: [FrameLossProcedure.Point]
    public let backToBackPackets: Double?
}

/// RFC 2544 §26.1 to §26.4 for one profile, whose frames all have one size.
public struct Benchmark2544 {
    public let settings: Benchmark2544Settings
    public let minimumPacketsPerSecond: Double
    public let maximumPacketsPerSecond: Double
    /// Whether the maximum is a wire's.
    public let hasLineRate: Bool
    public private(set) var trials: [TrialResult] = []

    public init(
        settings: Benchmark2544Settings, minimumPacketsPerSecond: Double, maximumPacketsPerSecond: Double,
        hasLineRate: Bool
    ) {
        self.settings = settings
        self.minimumPacketsPerSecond = minimumPacketsPerSecond
        self.maximumPacketsPerSecond = maximumPacketsPerSecond
        self.hasLineRate = hasLineRate
    }

    /// Goes through the four tests.
    ///
    /// - Parameter note: told what begins, and each trial's result.
    public mutating func run(
        on measurer: inout some TrialMeasurer, forwardingCase: ForwardingCase, frameBytes: Int, smallestFrameBytes: Int,
        note: (String, TrialResult?) -> Void = { _, _ in }
    ) throws -> FrameSizeResult {
        note("throughput (RFC 2544 §26.1)", nil)
        var throughput = ThroughputProcedure(
            minimumPacketsPerSecond: minimumPacketsPerSecond, maximumPacketsPerSecond: maximumPacketsPerSecond,
            trialSeconds: settings.trialSeconds, relativeWidth: settings.relativeWidth)
        while let input = throughput.nextTrial() {
            throughput.add(try measure(input, on: &measurer, note: note))
        }
        note("latency (§26.2)", nil)
        var medians: [Double] = []
        var tail: UInt64?
        if let rate = throughput.lossFreePacketsPerSecond {
            for _ in 0..<settings.latencyRepetitions {
                let result = try measure(
                    TrialInput(loadPacketsPerSecond: rate, durationSeconds: settings.latencySeconds), on: &measurer,
                    note: note)
                let latencies = result.expectedStreams.compactMap(\.latency)
                guard !latencies.isEmpty else { continue }
                medians.append(latencies.reduce(0) { $0 + Double($1.medianNanoseconds) } / Double(latencies.count))
                tail = max(tail ?? 0, latencies.map(\.percentile999Nanoseconds).max() ?? 0)
            }
        }
        note("frame loss rate (§26.3)", nil)
        var frameLoss = FrameLossProcedure(
            maximumPacketsPerSecond: throughput.maximumPacketsPerSecond, trialSeconds: settings.trialSeconds)
        while let input = frameLoss.nextTrial() { frameLoss.add(try measure(input, on: &measurer, note: note)) }
        note("back-to-back frames (§26.4)", nil)
        var backToBack = BackToBackProcedure(
            packetsPerSecond: hasLineRate ? maximumPacketsPerSecond : nil,
            largestBurstPackets: UInt64(max(throughput.maximumPacketsPerSecond * 2, 1)),
            repetitions: settings.backToBackRepetitions)
        while let input = backToBack.nextTrial() { backToBack.add(try measure(input, on: &measurer, note: note)) }
        return FrameSizeResult(
            forwardingCase: forwardingCase, frameBytes: frameBytes, smallestFrameBytes: smallestFrameBytes,
            throughputPacketsPerSecond: throughput.lossFreePacketsPerSecond,
            isGeneratorLimited: throughput.isGeneratorLimited && throughput.lossyPacketsPerSecond == nil,
            latencyMedianNanoseconds: medians.isEmpty ? nil : medians.reduce(0, +) / Double(medians.count),
            latencyPercentile999Nanoseconds: tail, frameLoss: frameLoss.points,
            backToBackPackets: backToBack.meanBurstPackets)
    }

    private mutating func measure(
        _ input: TrialInput, on measurer: inout some TrialMeasurer, note: (String, TrialResult?) -> Void
    ) throws -> TrialResult {
        let result = try measurer.measure(input)
        if result.wasInterrupted { throw TrafficError(.interrupted, "interrupted") }
        trials.append(result)
        note("", result)
        return result
    }
}
