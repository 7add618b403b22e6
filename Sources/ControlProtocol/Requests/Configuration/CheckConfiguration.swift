/// `config.check`: whether the daemon would take a configuration.
public struct CheckConfiguration: ConfigurationRequest {
    public typealias Answer = ConfigurationCheckResult
    public static let method = "config.check"
    public static let isChange = false

    public var configuration: ConfigurationText

    public init(_ configuration: ConfigurationText) { self.configuration = configuration }
}

/// Answer to `config.check`: the text is valid. An invalid text is answered with an error.
public struct ConfigurationCheckResult: ControlResult {
    public static let schemaIdentifier = "stile.config.check/1"
    public private(set) var schema = ConfigurationCheckResult.schemaIdentifier

    public let warnings: [Diagnostic]
    /// Traffic that it would cut; `nil` where that was not asked of a running box.
    public let cuts: [TrafficCut]?

    public init(warnings: [Diagnostic], cuts: [TrafficCut]? = nil) {
        self.warnings = warnings
        self.cuts = cuts
    }
}

extension ConfigurationCheckResult {
    public func text(_ style: TextStyle) -> String {
        warnings.map(\.description).joined().withoutControlCharactersInLines
            + TrafficCut.text(of: cuts ?? [], style) + style.show("valid", as: .good) + "\n"
    }
}
