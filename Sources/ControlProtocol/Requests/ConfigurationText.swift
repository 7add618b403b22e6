/// Parameters of `config.check`, `config.diff` and `config.replace`.
public struct ConfigurationText: Codable, Hashable, Sendable {
    /// The whole configuration.
    public var text: String
    /// What diagnostics call the text; it is not opened.
    public var fileName: String
    /// Whether a text that says nothing, or takes most customers away, is applied as well; `nil` for no.
    public var force: Bool?
    /// `config.replace`: what the change is for.
    public var comment: String?
    /// `config.replace`: after how many minutes the change is undone unless somebody confirms it; `nil` for never.
    public var confirmMinutes: UInt32?

    public init(
        text: String, fileName: String, force: Bool? = nil, comment: String? = nil, confirmMinutes: UInt32? = nil
    ) {
        self.text = text
        self.fileName = fileName
        self.force = force
        self.comment = comment
        self.confirmMinutes = confirmMinutes
    }
}
