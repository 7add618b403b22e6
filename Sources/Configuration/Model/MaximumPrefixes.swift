/// `maximum-prefix` of a neighbor: how many routes it may announce in one family, and what happens if there are more.
/// `maximum routes` of a VRF: how many it may have; more are refused, or there is a warning.
public struct MaximumPrefixes: Equatable, Sendable {
    public enum Excess: Equatable, Sendable {
        /// The session ends and stays down until it is cleared; in a VRF, imported routes are refused.
        case staysDown
        /// The session ends and comes back by itself after 1 to 65535 minutes.
        case restarts(afterMinutes: UInt16)
        /// A warning in the log and in `show`; the routes are taken.
        case warns
    }

    /// Where no threshold is said.
    public static let standardWarningPercent: UInt8 = 75

    public var prefixes: UInt32
    /// From which share of the routes on there is a warning: 1 to 100.
    public var warningPercent: UInt8
    public var excess: Excess

    public init(
        _ prefixes: UInt32, warningPercent: UInt8 = MaximumPrefixes.standardWarningPercent, excess: Excess = .staysDown
    ) {
        self.prefixes = prefixes
        self.warningPercent = warningPercent
        self.excess = excess
    }

    /// From how many routes on there is a warning, at least one.
    public var warningPrefixes: UInt32 {
        UInt32(clamping: max(1, UInt64(prefixes) * UInt64(warningPercent) / 100))
    }

    /// What stands behind `maximum-prefix` and `maximum routes`.
    var statement: String {
        let threshold = warningPercent == Self.standardWarningPercent ? "" : " \(warningPercent)"
        let afterwards =
            switch excess {
            case .staysDown: ""
            case .restarts(let minutes): " restart \(minutes)"
            case .warns: " warning-only"
            }
        return "\(prefixes)\(threshold)\(afterwards)"
    }
}
