/// How many routes of one family a neighbor may have here: `maximum-prefix`.
public struct PrefixLimit: Hashable, Sendable {
    /// What becomes of a neighbor with more routes.
    public enum Excess: Hashable, Sendable {
        /// The session ends (RFC 4486 §4, subcode 1) and stays down for a time. One that came back at once would bring
        /// all the routes again, and again.
        case endsSession(HeldDownTime)
        /// A line in the log and nothing else.
        case isReported
    }

    public var maximum: UInt32
    /// From how many on there is a warning.
    public var warning: UInt32
    public var excess: Excess

    public init(maximum: UInt32, warning: UInt32? = nil, excess: Excess = .endsSession(.untilCleared)) {
        self.maximum = maximum
        self.warning = warning ?? maximum
        self.excess = excess
    }

    /// For how long a session with `count` routes is to be down; `nil` if it may go on.
    func heldDownTime(with count: Int) -> HeldDownTime? {
        guard case .endsSession(let time) = excess, count > Int(maximum) else { return nil }
        return time
    }
}

/// For how long a session is kept down.
public enum HeldDownTime: Hashable, Sendable {
    case untilCleared
    case seconds(UInt32)
}
