import Addressing

/// A neighbor's session as `show` tells it.
public struct NeighborStatus: Hashable, Sendable {
    public let configuration: NeighborConfiguration
    public let state: SessionState
    /// While established.
    public let negotiated: NegotiatedSession?
    /// The families of the session whose routes are not taken, for errors in them.
    public let disabledFamilies: [AddressFamilyIdentifier: DisabledFamily]
    /// While the session is held down.
    public let holdDown: HoldDown?
    /// While established.
    public let establishedSince: ContinuousClock.Instant?
    /// Our address on the connection, if there is one.
    public let localAddress: IPAddress?
    public let counters: SessionCounters
    /// The latest reason why a session, or an attempt at one, ended.
    public let lastError: SessionError?
    /// Since when the session is in its state; `nil` before the first event.
    public let stateSince: ContinuousClock.Instant?
    /// When the next attempt to connect begins; `nil` if none is waited for.
    public let nextAttempt: ContinuousClock.Instant?
}

/// What became of something to send.
public enum SendOutcome: Hashable, Sendable {
    case sent
    /// Sent, but the peer is slow to take it: go on after ``NeighborEvent/readyToSend``. Who goes on at once has the
    /// session reset when too much waits.
    case congested
    /// There is no session; nothing was sent.
    case notEstablished
}
