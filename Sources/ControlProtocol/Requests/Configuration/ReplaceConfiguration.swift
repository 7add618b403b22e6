/// `config.replace`: applies a configuration, all of it or nothing.
public struct ReplaceConfiguration: ConfigurationRequest {
    public typealias Answer = ConfigurationReplaceResult
    public static let method = "config.replace"

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
}

/// Answer to `config.replace`: all of the text is applied. A text that is refused is answered with an error, and
/// nothing of it is applied.
public struct ConfigurationReplaceResult: ControlResult {
    public static let schemaIdentifier = "stile.config.replace/1"
    public private(set) var schema = ConfigurationReplaceResult.schemaIdentifier

    /// What has changed; empty when the text means what was running already.
    public let changes: [ConfigurationDiffLine]
    public let warnings: [Diagnostic]
    public let appliedAt: Timestamp
    /// What of it could not be done, for people: the disk is full, for instance.
    public let problems: [String]

    public init(
        changes: [ConfigurationDiffLine], warnings: [Diagnostic], appliedAt: Timestamp, problems: [String] = []
    ) {
        self.problems = problems
        self.changes = changes
        self.warnings = warnings
        self.appliedAt = appliedAt
    }
}

extension ConfigurationReplaceResult {
    public func text(_ style: TextStyle) -> String {
        var text = warnings.map(\.description).joined().withoutControlCharactersInLines
        text += changes.map { $0.text(style) }.joined()
        text += style.show(changes.isEmpty ? "nothing to change" : "applied", as: .good) + " at \(appliedAt)\n"
        for problem in problems {
            text += style.show("warning: \(problem.withoutControlCharacters)", as: .bad) + "\n"
        }
        return text
    }
}
