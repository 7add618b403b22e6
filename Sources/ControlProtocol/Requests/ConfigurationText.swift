/// Parameters of `config.check`, `config.diff` and `config.replace`.
public struct ConfigurationText: Codable, Hashable, Sendable {
    /// The whole configuration.
    public var text: String
    /// What diagnostics call the text; it is not opened.
    public var fileName: String
    /// Whether a text that says nothing is applied as well; `nil` for no.
    public var force: Bool?

    public init(text: String, fileName: String, force: Bool? = nil) {
        self.text = text
        self.fileName = fileName
        self.force = force
    }
}
