/// `candidate.merge`: the lines of a text over those of the candidate, as if they were typed.
public struct MergeIntoCandidate: ConfigurationRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.merge"
    public static let isChange = false

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
}

/// `candidate.replace`: a text in place of the candidate's.
public struct ReplaceCandidate: ConfigurationRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.replace"
    public static let isChange = false

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
}

/// `candidate.rollback`: the text of an earlier commit in place of the candidate's.
public struct RollBackCandidate: ControlRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.rollback"
    public static let isChange = false

    /// Of the earlier commit.
    public var number: UInt64

    public init(number: UInt64) { self.number = number }
}
