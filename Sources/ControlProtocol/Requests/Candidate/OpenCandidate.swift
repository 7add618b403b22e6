/// `candidate.open`: a private copy of the configuration in force, to be changed line by line. It lasts as long as the
/// connection on which it was asked for; asked for again, the one that there is goes on.
public struct OpenCandidate: ParameterlessRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.open"

    public init() {}
}

/// `candidate.discard`: begins again with the configuration in force.
public struct DiscardCandidate: ParameterlessRequest {
    public typealias Answer = CandidateState
    public static let method = "candidate.discard"
    public static let isChange = false

    public init() {}
}
