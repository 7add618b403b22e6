/// Why a session, or an attempt at one, ended, and when.
public struct SessionError: Hashable, Sendable {
    /// For people.
    public let reason: String
    public let instant: Session.Instant
}

extension Session {
    /// How long a session waits for what the neighbor has to do before it says so.
    static let longWaitingTime = Duration.seconds(60)

    /// Notes that an attempt to come up was in vain, and tells the owner.
    mutating func attemptFailed(_ reason: String, at now: Instant) {
        lastError = SessionError(reason: reason, instant: now)
        effects.append(.attemptFailed(reason))
    }

    /// Adds to the latest error what its owner has found out besides.
    public mutating func explainLastError(_ explanation: String) {
        guard let error = lastError else { return }
        lastError = SessionError(reason: "\(error.reason); \(explanation)", instant: error.instant)
    }

    /// Nothing else tells that the neighbor of a passive session does not come, or for minutes that it says nothing on a
    /// connection that is there.
    mutating func stillWaiting(at now: Instant) {
        guard let stateSince, stateSince.duration(to: now) >= Self.longWaitingTime else { return }
        switch state {
        case .active where configuration.passive:
            attemptFailed("the neighbor has not connected, and the session is passive", at: now)
        case .openSent, .openConfirm: attemptFailed("nothing comes from the neighbor in \(state)", at: now)
        case .idle, .connect, .active, .established: return
        }
    }

    /// What the end of a connection before Established means, in words.
    func failure(_ reason: SessionDownReason, in state: SessionState) -> String? {
        switch reason {
        case .notificationSent(let notification):
            // What we end ourselves by order or for a collision is no failure of the attempt.
            guard notification.code != NotificationMessage.Code.cease.rawValue else { return nil }
            return notification.isHoldTimerExpired ? "no OPEN or KEEPALIVE came in \(state)" : reason.description
        case .notificationReceived(let notification):
            guard notification.ceaseSubcode != .connectionCollisionResolution else { return nil }
            guard notification.isBadPeerAutonomousSystem else { return reason.description }
            return "\(reason) (ours is AS \(configuration.localAutonomousSystem))"
        case .connectionLost:
            return "the neighbor closed the connection in \(state) without a NOTIFICATION: "
                + "it may not know our address as its neighbor's"
        case .replacedByNewConnection, .interfaceDown, .neighborRemoved: return nil
        }
    }
}

extension NotificationMessage {
    fileprivate var isHoldTimerExpired: Bool { self == .holdTimerExpired }

    /// RFC 4271 §6.2.
    fileprivate var isBadPeerAutonomousSystem: Bool { code == Code.openMessageError.rawValue && subcode == 2 }
}
