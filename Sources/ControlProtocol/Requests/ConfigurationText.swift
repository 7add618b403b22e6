/// Parameters of `config.check`, `config.diff` and `config.replace`.
public struct ConfigurationText: Codable, Hashable, Sendable {
    /// The whole configuration.
    public var text: String
    /// What diagnostics call the text; it is not opened.
    public var fileName: String

    public init(text: String, fileName: String) {
        self.text = text
        self.fileName = fileName
    }
}
