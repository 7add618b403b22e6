/// What a search found for one goal (RFC 9971: Goal Result).
public struct GoalResult: Codable, Hashable, Sendable {
    /// Why there is no upper bound, where there is none.
    public enum Irregularity: String, Codable, Hashable, Sendable, CaseIterable {
        /// The device meets the goal at the greatest load that was allowed.
        case maximumLoad = "maximum_load"
        /// The device meets the goal at the greatest load that the generator can offer: what is found is its limit.
        case generatorLimited = "generator_limited"
        /// The device does not meet the goal at the smallest load that was allowed.
        case minimumLoad = "minimum_load"
        /// The search was given up before the bounds were close.
        case unfinished
    }

    public let goal: SearchGoal
    /// Relevant Lower Bound: the greatest load found that meets the goal.
    public let relevantLowerBoundPacketsPerSecond: Double?
    /// Relevant Upper Bound: the smallest load found that does not.
    public let relevantUpperBoundPacketsPerSecond: Double?
    /// Conditional Throughput: a forwarding rate typical at the lower bound, and the search's result.
    public let conditionalThroughputPacketsPerSecond: Double?
    /// `nil` for a regular result, which has both bounds, as close as the goal wants.
    public let irregularity: Irregularity?

    public init(
        goal: SearchGoal, relevantLowerBoundPacketsPerSecond: Double?, relevantUpperBoundPacketsPerSecond: Double?,
        conditionalThroughputPacketsPerSecond: Double?, irregularity: Irregularity?
    ) {
        self.goal = goal
        self.relevantLowerBoundPacketsPerSecond = relevantLowerBoundPacketsPerSecond
        self.relevantUpperBoundPacketsPerSecond = relevantUpperBoundPacketsPerSecond
        self.conditionalThroughputPacketsPerSecond = conditionalThroughputPacketsPerSecond
        self.irregularity = irregularity
    }
}
