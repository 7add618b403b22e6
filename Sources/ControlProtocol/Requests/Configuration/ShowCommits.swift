/// `show.commits`: the commits that are kept.
public struct ShowCommits: ParameterlessRequest {
    public typealias Answer = CommitsResult
    public static let method = "show.commits"

    public init() {}
}

/// Answer to `show.commits`.
public struct CommitsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.commits/1"
    public private(set) var schema = CommitsResult.schemaIdentifier

    /// The newest first.
    public let commits: [CommitSummary]
    /// The number of the commit in force; `nil` where none could be written.
    public let inForce: UInt64?

    public init(commits: [CommitSummary], inForce: UInt64?) {
        self.commits = commits
        self.inForce = inForce
    }
}

extension CommitsResult {
    public func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [.number("COMMIT"), .name("MADE AT"), .name("USER"), .name("SOURCE"), .name("STATE"), .name("COMMENT")],
            emptyText: "no commits")
        for commit in commits {
            let state: TextTable.Cell =
                switch (commit.number == inForce, commit.confirmBy) {
                case (true, nil): TextTable.Cell("in force", .good)
                case (true, let time?): TextTable.Cell("to be confirmed by \(time)", .warning)
                case (false, _): "-"
                }
            table.append([
                TextTable.Cell(commit.number), TextTable.Cell(commit.madeAt), TextTable.Cell(commit.user),
                TextTable.Cell(commit.source), state, TextTable.Cell(commit.comment ?? "-"),
            ])
        }
        return table.text(style)
    }
}
