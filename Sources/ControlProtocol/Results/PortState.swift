/// The state of a port.
public enum PortState: String, Codable, Hashable, Sendable, CaseIterable {
    /// The configuration names no device for it, or there is no data plane.
    case absent
    /// Shut down by configuration.
    case shutdown
    case down
    case up
    /// The device could not be opened or failed.
    case failed
}
