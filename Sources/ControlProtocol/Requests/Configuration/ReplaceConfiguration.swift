/// `config.replace`: applies a configuration, all of it or nothing, and keeps it as a commit.
public struct ReplaceConfiguration: ConfigurationRequest {
    public typealias Answer = ConfigurationReplaceResult
    public static let method = "config.replace"

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
}

/// Answer to `config.replace` and `config.rollback`: all of the text is applied. A text that is refused is answered with
/// an error, and nothing of it is applied.
public struct ConfigurationReplaceResult: ControlResult {
    public static let schemaIdentifier = "stile.config.replace/1"
    public private(set) var schema = ConfigurationReplaceResult.schemaIdentifier

    /// What has changed; empty when the text means what was running already.
    public let changes: [ConfigurationDiffLine]
    public let warnings: [Diagnostic]
    public let appliedAt: Timestamp
    /// What of it could not be done, for people: labels have no room, for instance.
    public let problems: [String]
    /// The number of the commit that is in force now.
    public let commit: UInt64?
    /// When the commit is undone unless somebody confirms it; `nil` for never.
    public let confirmBy: Timestamp?

    public init(
        changes: [ConfigurationDiffLine], warnings: [Diagnostic], appliedAt: Timestamp, problems: [String] = [],
        commit: UInt64? = nil, confirmBy: Timestamp? = nil
    ) {
        self.problems = problems
        self.commit = commit
        self.confirmBy = confirmBy
        self.changes = changes
        self.warnings = warnings
        self.appliedAt = appliedAt
    }
}

extension ConfigurationReplaceResult {
    public func text(_ style: TextStyle) -> String {
        var text = warnings.map(\.description).joined().withoutControlCharactersInLines
        text += changes.map { $0.text(style) }.joined()
        text += style.show(changes.isEmpty ? "nothing to change" : "applied", as: .good) + " at \(appliedAt)"
        text += commit.map { ", commit \($0)" } ?? ""
        text += confirmBy.map { "; undone at \($0) unless 'commit' confirms it" } ?? ""
        text += "\n"
        for problem in problems {
            text += style.show("warning: \(problem.withoutControlCharacters)", as: .bad) + "\n"
        }
        return text
    }
}
