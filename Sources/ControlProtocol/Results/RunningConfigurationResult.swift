/// Answer to `show.running_config`.
public struct RunningConfigurationResult: ControlResult {
    public static let schemaIdentifier = "stile.show.running_config/1"
    public private(set) var schema = RunningConfigurationResult.schemaIdentifier

    /// In canonical form, with a newline at the end of each line.
    public let text: String
    public let appliedAt: Timestamp?

    public init(text: String, appliedAt: Timestamp? = nil) {
        self.text = text
        self.appliedAt = appliedAt
    }
}
