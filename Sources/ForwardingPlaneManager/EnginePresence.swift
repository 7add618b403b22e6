/// Whether the engine is there, and what becomes of what it has said when it is not.
///
///     never ──► connected ◄──► lost
///
/// What an engine has said holds for a while after its connection is lost. When it is back it says everything anew, without
/// an end that one could see: what it has not said again after another while is taken for gone.
public struct EnginePresence: Sendable {
    public enum State: Hashable, Sendable {
        case neverConnected
        case connected(since: Duration)
        case lost(since: Duration)
    }

    /// What is over.
    public enum Expiry: Hashable, Sendable {
        /// What was not said again is to be removed.
        case notRepeated
        /// Everything is.
        case everything
    }

    /// How long what was said holds without a connection.
    public var holdTime: Duration
    /// How long an engine that is back has to say everything again.
    public var refreshTime: Duration
    public private(set) var state = State.neverConnected
    /// Whether the time that runs in this state is over, or none does.
    private var isExpired = true
    /// When a connection was lost first, of those behind which everything has not been said again.
    private var lostFirst: Duration?

    public init(holdTime: Duration, refreshTime: Duration) {
        self.holdTime = holdTime
        self.refreshTime = refreshTime
    }

    public mutating func connect(now: Duration) {
        // An engine that was never seen has nothing to repeat.
        isExpired = state == .neverConnected
        state = .connected(since: now)
    }

    /// The connection is lost, or there is something from a run before this one.
    public mutating func lose(now: Duration) {
        if case .lost = state { return }
        isExpired = false
        lostFirst = lostFirst ?? now
        state = .lost(since: now)
    }

    /// Whether an engine that comes and goes has had more than the hold time: what it has not said again meanwhile is to be
    /// removed, though none of its absences was as long. To be asked before its next loss is told.
    public mutating func takeFlapping(now: Duration) -> Bool {
        guard let first = lostFirst, now - first >= holdTime else { return false }
        lostFirst = nil
        return true
    }

    /// What is over at `now`; each thing is told once.
    public mutating func takeExpiry(now: Duration) -> Expiry? {
        guard !isExpired else { return nil }
        switch state {
        case .neverConnected: return nil
        case .connected(let since):
            guard now - since >= refreshTime else { return nil }
            isExpired = true
            lostFirst = nil
            return .notRepeated
        case .lost(let since):
            guard now - since >= holdTime else { return nil }
            isExpired = true
            lostFirst = nil
            return .everything
        }
    }
}
