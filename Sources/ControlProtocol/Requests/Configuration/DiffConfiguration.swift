/// `config.diff`: how a configuration differs from the running one.
public struct DiffConfiguration: ConfigurationRequest {
    public typealias Answer = ConfigurationDiffResult
    public static let method = "config.diff"
    public static let isChange = false

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
    /// Traffic that the text would cut.
    public let cuts: [TrafficCut]

    public init(lines: [ConfigurationDiffLine], warnings: [Diagnostic], cuts: [TrafficCut] = []) {
        self.lines = lines
        self.warnings = warnings
        self.cuts = cuts
    }
}

extension ConfigurationDiffResult {
    public var exitCode: ExitCode { lines.isEmpty ? .done : .differencesExist }

    public func text(_ style: TextStyle) -> String {
        warnings.map(\.description).joined().withoutControlCharactersInLines
            + (lines.isEmpty ? "no differences\n" : lines.map { $0.text(style) }.joined())
            + TrafficCut.text(of: cuts, style)
    }
}
