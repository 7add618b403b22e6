/// Unicast reverse path forwarding on an interface, for one address family.
public struct SourceCheck: Hashable, Sendable {
    /// Where the packet's source must be routed back to.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The interface that the packet came in on (RFC 3704 §2.2).
        case strict = "rx"
        /// Anywhere in the VRF (RFC 3704 §2.4).
        case loose = "any"
        /// Any NNI of the VRF: routes of one origin may come by each of them (after RFC 8704 §3).
        case feasible
    }

    public var mode: Mode
    /// Whether a default route is a route back, too.
    public var allowsDefault: Bool

    public init(mode: Mode, allowsDefault: Bool = false) {
        self.mode = mode
        self.allowsDefault = allowsDefault
    }
}
