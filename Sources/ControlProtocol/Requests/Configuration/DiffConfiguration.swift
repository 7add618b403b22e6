/// `config.diff`: how a configuration differs from the running one.
public struct DiffConfiguration: ConfigurationRequest {
    public typealias Answer = ConfigurationDiffResult
    public static let method = "config.diff"

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
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

extension ConfigurationDiffResult {
    public var exitCode: ExitCode { lines.isEmpty ? .done : .differencesExist }

    public func text(_ style: TextStyle) -> String {
        warnings.map(\.description).joined().withoutControlCharactersInLines
            + (lines.isEmpty ? "no differences\n" : lines.map { $0.text(style) }.joined())
    }
}
