/// RFC 2544 §26.3: the loss at the maximum rate and at each tenth of it below, until two rates in a row lose nothing.
public struct FrameLossProcedure: Sendable {
    public let maximumPacketsPerSecond: Double
    public let trialSeconds: Double
    /// By percent of the maximum rate, from the highest.
    public private(set) var points: [Point] = []
    private var percent = 100

    public struct Point: Codable, Hashable, Sendable {
        public let percentOfMaximum: Int
        public let packetsPerSecond: Double
        /// RFC 1242 §3.6, in percent.
        public let lossPercent: Double
        public let isGeneratorLimited: Bool
    }

    public init(maximumPacketsPerSecond: Double, trialSeconds: Double) {
        self.maximumPacketsPerSecond = maximumPacketsPerSecond
        self.trialSeconds = trialSeconds
    }

    public func nextTrial() -> TrialInput? {
        let last = points.suffix(2)
        if percent == 0 || (last.count == 2 && last.allSatisfy { $0.lossPercent == 0 && !$0.isGeneratorLimited }) {
            return nil
        }
        return TrialInput(
            loadPacketsPerSecond: (maximumPacketsPerSecond * Double(percent) / 100).rounded(),
            durationSeconds: trialSeconds)
    }

    public mutating func add(_ result: TrialResult) {
        points.append(
            Point(
                percentOfMaximum: percent, packetsPerSecond: result.input.loadPacketsPerSecond ?? 0,
                lossPercent: result.lossRatio * 100, isGeneratorLimited: result.isGeneratorLimited))
        percent -= 10
    }
}
