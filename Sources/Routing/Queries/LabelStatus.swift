import Addressing

/// A label that is or was lately in use, as `show` presents it.
public struct LabelStatus: Hashable, Sendable {
    /// What has become of the label on its NNI.
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
        /// Allocated; nobody is told it, and it is not valid.
        case idle
        /// On its NNI; `since` is when it became valid.
        case inUse(InstallationState, since: Instant?)
        /// Not given to another before this moment.
        case quarantined(until: Instant)
    }

    public let label: MPLSLabel
    /// Who has or had it; `nil` if that is not known.
    public let owner: LabelOwner?
    public let state: State
}
