/// `candidate.show`: the candidate's text.
public struct ShowCandidate: ControlRequest {
    public typealias Answer = CandidateTextResult
    public static let method = "candidate.show"
    public static let isChange = false

    /// Whether only the block is wanted that the next line stands in; `nil` for no.
    public var blockOnly: Bool?

    public init(blockOnly: Bool? = nil) { self.blockOnly = blockOnly }
}

/// Answer to `candidate.show`.
public struct CandidateTextResult: ControlResult {
    public static let schemaIdentifier = "stile.candidate.show/1"
    public private(set) var schema = CandidateTextResult.schemaIdentifier

    /// With its comments and in its order, without passwords; a newline at the end of each line.
    public let text: String

    public init(text: String) { self.text = text }
}

extension CandidateTextResult {
    public func text(_ style: TextStyle) -> String {
        text.isEmpty ? "the candidate says nothing\n" : text.withoutControlCharactersInLines
    }
}

/// `candidate.compare`: how the candidate differs from what it was begun from. It may be wrong as a whole.
public struct CompareCandidate: ParameterlessRequest {
    public typealias Answer = ConfigurationDiffResult
    public static let method = "candidate.compare"
    public static let isChange = false

    public init() {}
}

/// `candidate.check`: whether the candidate could be committed, and what traffic that would cut.
public struct CheckCandidate: ParameterlessRequest {
    public typealias Answer = ConfigurationCheckResult
    public static let method = "candidate.check"
    public static let isChange = false

    public init() {}
}
