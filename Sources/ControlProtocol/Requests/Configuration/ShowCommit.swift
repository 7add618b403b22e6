/// `show.commit`: one commit, with what it changed or its whole text.
public struct ShowCommit: ControlRequest {
    public typealias Answer = CommitResult
    public static let method = "show.commit"

    public var number: UInt64
    /// Whether the text is wanted and not what it changed; `nil` for no.
    public var wantsText: Bool?

    public init(number: UInt64, wantsText: Bool? = nil) {
        self.number = number
        self.wantsText = wantsText
    }
}

/// Answer to `show.commit`.
public struct CommitResult: ControlResult {
    public static let schemaIdentifier = "stile.show.commit/1"
    public private(set) var schema = CommitResult.schemaIdentifier

    public let commit: CommitSummary
    /// The commit that ``changes`` are seen from; `nil` for none: all is new.
    public let comparedWith: UInt64?
    /// Empty where the text is asked for, or means what was in force before.
    public let changes: [ConfigurationDiffLine]
    /// As it was committed, with its comments and in its order, without passwords; `nil` unless it is asked for.
    public let text: String?

    public init(
        commit: CommitSummary, comparedWith: UInt64? = nil, changes: [ConfigurationDiffLine] = [], text: String? = nil
    ) {
        self.commit = commit
        self.comparedWith = comparedWith
        self.changes = changes
        self.text = text
    }
}

extension CommitResult {
    public func text(_ style: TextStyle) -> String {
        if let text { return text.withoutControlCharactersInLines }
        let facts = factLines(
            [
                ("commit", "\(commit.number)"), ("made at", commit.madeAt.description),
                ("user", "\(commit.user) (\(commit.userIdentifier))"), ("source", commit.source),
                ("comment", commit.comment), ("to be confirmed by", commit.confirmBy?.description),
                ("compared with", comparedWith.map { "commit \($0)" }),
            ], style)
        return facts + "\n" + (changes.isEmpty ? "no differences\n" : changes.map { $0.text(style) }.joined())
    }
}
