/// RFC 2544 §26.1: the highest rate at which not a packet is lost, by bisection over trials of full length.
///
/// A state machine: `nextTrial` asks, `add` takes the answer.
public struct ThroughputProcedure: Sendable {
    public let trialSeconds: Double
    /// Bisection ends when the bounds are so close, relative to the upper one.
    public let relativeWidth: Double
    public private(set) var lossFreePacketsPerSecond: Double?
    public private(set) var lossyPacketsPerSecond: Double?
    public private(set) var maximumPacketsPerSecond: Double
    public private(set) var isGeneratorLimited = false
    private let minimumPacketsPerSecond: Double
    private var failures = 0
    private var bestReached = 0.0
    /// The generator does not reach a load that is below its maximum.
    private var isGivenUp = false
    private static let largestRetryCount = 3

    public init(
        minimumPacketsPerSecond: Double, maximumPacketsPerSecond: Double, trialSeconds: Double, relativeWidth: Double
    ) {
        self.minimumPacketsPerSecond = minimumPacketsPerSecond
        self.maximumPacketsPerSecond = maximumPacketsPerSecond
        self.trialSeconds = trialSeconds
        self.relativeWidth = relativeWidth
    }

    /// `nil` when the result stands.
    public func nextTrial() -> TrialInput? {
        guard !isGivenUp else { return nil }
        let load: Double
        switch (lossFreePacketsPerSecond, lossyPacketsPerSecond) {
        case (nil, nil): load = maximumPacketsPerSecond
        case (nil, .some(let lossy)):
            guard lossy > minimumPacketsPerSecond else { return nil }
            load = max(lossy / 2, minimumPacketsPerSecond)
        case (.some(let lossFree), nil):
            guard lossFree < maximumPacketsPerSecond else { return nil }
            load = maximumPacketsPerSecond
        case (.some(let lossFree), .some(let lossy)):
            guard lossy - lossFree > max(relativeWidth * lossy, 1) else { return nil }
            load = (lossFree + lossy) / 2
        }
        return TrialInput(loadPacketsPerSecond: load.rounded(), durationSeconds: trialSeconds)
    }

    public mutating func add(_ result: TrialResult) {
        guard let load = result.input.loadPacketsPerSecond else { return }
        if result.isGeneratorLimited {
            // Another process may have had the processor: the same trial comes again, a few times.
            failures += 1
            bestReached = max(bestReached, min(result.offeredPacketsPerSecond, load))
            guard failures > Self.largestRetryCount else { return }
            isGeneratorLimited = true
            let lowered = max(bestReached * 0.97, minimumPacketsPerSecond, lossFreePacketsPerSecond ?? 0)
            if load >= maximumPacketsPerSecond.rounded(), lowered < load {
                maximumPacketsPerSecond = lowered
            } else {
                isGivenUp = true
            }
        } else {
            note(load, isLossFree: result.lostPackets == 0 && result.offeredPackets > 0)
        }
        failures = 0
        bestReached = 0
    }

    private mutating func note(_ load: Double, isLossFree: Bool) {
        if isLossFree {
            lossFreePacketsPerSecond = max(load, lossFreePacketsPerSecond ?? 0)
        } else {
            lossyPacketsPerSecond = min(load, lossyPacketsPerSecond ?? .infinity)
        }
    }
}
