import Addressing

/// A label that is or was lately in use, as `show` presents it.
public struct LabelStatus: Hashable, Sendable {
    /// What has become of the label on one NNI.
    public enum InstallationState: String, Hashable, Sendable, CaseIterable {
        /// It is about to become valid and not advertised yet.
        case installing
        case installed
        /// It is valid until the routes that carry it have been withdrawn.
        case withdrawing
        /// It is about to become invalid.
        case removing
    }

    public enum State: Hashable, Sendable {
        /// With its state on each NNI by name.
        case inUse([String: InstallationState])
        /// Not given to another VRF before this moment.
        case quarantined(until: Timestamp)
    }

    public let label: MPLSLabel
    /// The VRF that has or had it.
    public let vrf: String
    public let state: State
}
