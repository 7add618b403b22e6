/// Answer to `config.check`: the text is valid. An invalid text is answered with an error.
public struct ConfigurationCheckResult: ControlResult {
    public static let schemaIdentifier = "stile.config.check/1"
    public private(set) var schema = ConfigurationCheckResult.schemaIdentifier

    public let warnings: [Diagnostic]

    public init(warnings: [Diagnostic]) {
        self.warnings = warnings
    }
}

/// Answer to `config.diff`: how the text differs from the running configuration, both in canonical form.
public struct ConfigurationDiffResult: ControlResult {
    public static let schemaIdentifier = "stile.config.diff/1"
    public private(set) var schema = ConfigurationDiffResult.schemaIdentifier

    /// Empty when there is no difference.
    public let lines: [ConfigurationDiffLine]
    public let warnings: [Diagnostic]

    public init(lines: [ConfigurationDiffLine], warnings: [Diagnostic]) {
        self.lines = lines
        self.warnings = warnings
    }
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

/// One line of a comparison.
public struct ConfigurationDiffLine: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// A line in both, which says where the changed ones belong.
        case context
        case added
        case removed
    }

    public let kind: Kind
    /// With its indentation, without a newline.
    public let text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}
