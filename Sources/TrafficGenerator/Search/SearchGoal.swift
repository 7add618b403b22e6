/// What a search looks for: the greatest load under which the loss stays low (RFC 9971: Search Goal).
///
/// The names are the RFC's. The defaults of `ndr` and `pdr` are those of the RFC's informal recommendations and of the
/// practice that it comes from: trials of one second, enough of them at a load, half of which may exceed the loss ratio.
/// `rfc2544` is unconditionally compliant with RFC 2544 §26.1: one trial of sixty seconds without any loss.
public struct SearchGoal: Codable, Hashable, Sendable {
    /// For reports.
    public var name: String
    /// Goal Loss Ratio: a trial that loses more than this share is a high-loss trial. 0 ≤ ratio < 1.
    public var lossRatio: Double
    /// Goal Final Trial Duration: shorter trials can show that a load is too high, not that it is not.
    public var finalTrialSeconds: Double
    /// Goal Duration Sum: so much time of full-length trials decides about a load.
    public var durationSumSeconds: Double
    /// Goal Exceed Ratio: the share of that time that high-loss trials may take. 0 ≤ ratio < 1.
    public var exceedRatio: Double
    /// Goal Width: the search ends when (upper − lower) / upper is at most this.
    public var relativeWidth: Double
    /// Goal Initial Trial Duration: of the trials that look for the neighbourhood of the result.
    public var initialTrialSeconds: Double

    public init(
        name: String, lossRatio: Double, finalTrialSeconds: Double = 1, durationSumSeconds: Double = 21,
        exceedRatio: Double = 0.5, relativeWidth: Double = 0.005, initialTrialSeconds: Double = 0.2
    ) {
        self.name = name
        self.lossRatio = lossRatio
        self.finalTrialSeconds = finalTrialSeconds
        self.durationSumSeconds = durationSumSeconds
        self.exceedRatio = exceedRatio
        self.relativeWidth = relativeWidth
        self.initialTrialSeconds = min(initialTrialSeconds, finalTrialSeconds)
    }

    /// No packet lost.
    public static let ndr = SearchGoal(name: "NDR", lossRatio: 0)
    /// At most half a percent lost.
    public static let pdr = SearchGoal(name: "PDR", lossRatio: 0.005)
    /// RFC 2544 §26.1.
    public static let rfc2544 = SearchGoal(
        name: "RFC 2544", lossRatio: 0, finalTrialSeconds: 60, durationSumSeconds: 60, exceedRatio: 0,
        initialTrialSeconds: 1)

    /// What is wrong with the goal; `nil` for one that can be searched for.
    public var fault: String? {
        if !(0..<1).contains(lossRatio) { return "the loss ratio \(lossRatio) is not from 0 to below 1" }
        if !(0..<1).contains(exceedRatio) { return "the exceed ratio \(exceedRatio) is not from 0 to below 1" }
        if finalTrialSeconds <= 0 || initialTrialSeconds <= 0 { return "a trial takes time" }
        if durationSumSeconds < finalTrialSeconds { return "the duration sum is less than one final trial" }
        if !(0.0001...0.5).contains(relativeWidth) { return "the width \(relativeWidth) is not from 0.0001 to 0.5" }
        return nil
    }

    /// The goal that the search pursues first, to come near: trials of the initial duration, and one of them decides.
    var approach: SearchGoal {
        var goal = self
        goal.finalTrialSeconds = initialTrialSeconds
        goal.durationSumSeconds = initialTrialSeconds
        goal.relativeWidth = min(relativeWidth * 4, 0.5)
        return goal
    }
}
