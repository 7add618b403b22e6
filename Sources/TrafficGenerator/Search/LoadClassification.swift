/// What the trials at one load have shown with respect to a goal (RFC 9971, "Load Classification").
public enum LoadClassification: String, Codable, Hashable, Sendable, CaseIterable {
    /// The goal is met, whatever the trials that are left to the duration sum would show.
    case lowerBound = "lower_bound"
    /// It is not met, whatever they would show.
    case upperBound = "upper_bound"
    case undecided
}

/// A trial as the search sees it.
public struct SearchTrial: Codable, Hashable, Sendable {
    public let durationSeconds: Double
    public let lossRatio: Double

    public init(durationSeconds: Double, lossRatio: Double) {
        self.durationSeconds = durationSeconds
        self.lossRatio = lossRatio
    }
}

/// The time that trials at one load took, by their length and loss with respect to a goal. The effective duration of a
/// trial is its duration.
public struct TrialDurationSums: Hashable, Sendable {
    public private(set) var fullLengthLowLoss = 0.0
    public private(set) var fullLengthHighLoss = 0.0
    public private(set) var shortLowLoss = 0.0
    public private(set) var shortHighLoss = 0.0

    public init(_ trials: some Sequence<SearchTrial>, goal: SearchGoal) {
        for trial in trials {
            let isHighLoss = trial.lossRatio > goal.lossRatio
            if trial.durationSeconds >= goal.finalTrialSeconds {
                if isHighLoss {
                    fullLengthHighLoss += trial.durationSeconds
                } else {
                    fullLengthLowLoss += trial.durationSeconds
                }
            } else if isHighLoss {
                shortHighLoss += trial.durationSeconds
            } else {
                shortLowLoss += trial.durationSeconds
            }
        }
    }
}

extension SearchGoal {
    /// Classifies a load by all trials there, as RFC 9971's appendix "Load Classification Code" prescribes.
    ///
    /// Short trials cannot prove the goal. High-loss ones count against it, less those that the low-loss short ones
    /// balance by the exceed ratio.
    public func classify(_ trials: some Sequence<SearchTrial>) -> LoadClassification {
        let sums = TrialDurationSums(trials, goal: self)
        let balancing = sums.shortLowLoss * exceedRatio / (1 - exceedRatio)
        let effectiveHighLoss = sums.fullLengthHighLoss + max(0, sums.shortHighLoss - balancing)
        let whole = max(sums.fullLengthLowLoss + effectiveHighLoss, durationSumSeconds)
        let allowed = whole * exceedRatio
        // The time that is still missing counts as lossy for the pessimist and as clean for the optimist.
        let isLowerAtWorst = whole - sums.fullLengthLowLoss <= allowed + Self.roundingSeconds
        let isLowerAtBest = effectiveHighLoss <= allowed + Self.roundingSeconds
        return isLowerAtWorst && isLowerAtBest
            ? .lowerBound : isLowerAtWorst || isLowerAtBest ? .undecided : .upperBound
    }

    /// Sums of many durations are not exact in binary.
    private static let roundingSeconds = 1e-9

    /// The forwarding rate that is typical at a load which is a lower bound (RFC 9971's appendix "Conditional
    /// Throughput Code"): the load less the loss ratio at the exceed ratio's quantile of the full-length trials.
    public func conditionalThroughput(load: Double, trials: some Sequence<SearchTrial>) -> Double {
        let fullLength = trials.filter { $0.durationSeconds >= finalTrialSeconds }.sorted {
            $0.lossRatio < $1.lossRatio
        }
        let whole = max(durationSumSeconds, fullLength.reduce(0) { $0 + $1.durationSeconds })
        var remaining = whole * (1 - exceedRatio)
        var quantileLossRatio: Double?
        for trial in fullLength {
            if quantileLossRatio != nil, remaining <= Self.roundingSeconds {
                return load * (1 - (quantileLossRatio ?? 1))
            }
            quantileLossRatio = trial.lossRatio
            remaining -= trial.durationSeconds
        }
        // Too little was measured: what is missing counts as lost.
        return remaining > Self.roundingSeconds ? 0 : load * (1 - (quantileLossRatio ?? 1))
    }
}
