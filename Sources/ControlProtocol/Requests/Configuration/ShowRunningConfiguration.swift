/// `show.running_config`: the configuration in force, in canonical form.
public struct ShowRunningConfiguration: ControlRequest {
    public typealias Answer = RunningConfigurationResult
    public static let method = "show.running_config"

    /// Only this interface's block.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}

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

extension RunningConfigurationResult {
    /// The configuration as it would stand in a file.
    public func text(_ style: TextStyle) -> String { text }
}
