extension RunningConfigurationResult {
    /// The configuration as it would stand in a file.
    public func text(_ style: TextStyle) -> String { text }
}
