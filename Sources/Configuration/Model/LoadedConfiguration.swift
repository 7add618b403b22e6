/// A configuration with what only its text knows: where everything is, and what was odd but not wrong.
public struct LoadedConfiguration: Sendable {
    public let configuration: Configuration
    public let sources: SourceMap
    /// Never errors.
    public let warnings: [ConfigurationDiagnostic]
}

/// Where each object of a configuration stands in the text it was read from.
public struct SourceMap: Sendable {
    private var locations: [ConfigurationObject: SourceLocation] = [:]

    init() {}

    /// The place where an object begins; `nil` if the text has no such object.
    public internal(set) subscript(object: ConfigurationObject) -> SourceLocation? {
        get { locations[object] }
        set { locations[object] = newValue }
    }
}
