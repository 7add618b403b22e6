import Addressing

/// The state machine of the session with one neighbor (RFC 4271 §8): events in, effects out, no clock, no I/O.
///
/// A session has at most two TCP connections, one that each side opened, until a collision is resolved (§6.8). The
/// RFC's machine describes a connection; here each ``SessionConnection`` is in OpenSent, OpenConfirm or Established,
/// and what is around them is the session's:
///
///     Idle       no connection, none wanted: shut down, held down (`holdDown`), without a link, or holding off until
///                `idleHoldDeadline`
///     Connect    a connection is being opened (`isConnecting`)
///     Active     none is, until `connectRetryDeadline`; the neighbor may connect
///     otherwise  the state of the connection that has come furthest
///
/// The owner performs the effects in their order and calls ``handle(_:at:)`` with `.timer` no earlier than
/// ``nextDeadline``, asking for it anew after each event. Everything random comes from the seed.
public struct Session: Sendable {
    public typealias Instant = ContinuousClock.Instant

    public internal(set) var configuration: NeighborConfiguration
    /// Our BGP identifier.
    public internal(set) var localIdentifier: IPv4Address
    /// Whether our OPEN says that we have restarted and kept forwarding (RFC 4724 §4.1): until the owner has had
    /// End-of-RIB from its peers, or has given up waiting.
    public var isRestarting = false
    public internal(set) var counters = SessionCounters()
    /// The latest reason why a session, or an attempt at one, ended, and when.
    public internal(set) var lastError: SessionError?
    /// Since when the session is in the state that it is in.
    public private(set) var stateSince: Instant?
    /// Since when the session is established.
    public internal(set) var establishedSince: Instant?

    /// While the session is held down.
    public internal(set) var holdDown: HoldDown?

    /// The state at the end of the latest event.
    private var notedState = SessionState.idle
    var isStopped = true
    var isLinkUp = true
    var isConnecting = false
    var idleHoldDeadline: Instant?
    var connectRetryDeadline: Instant?
    var idleHoldSeconds = 1
    /// After how long the next family that is disabled is brought back.
    var familyRetrySeconds = DisabledFamily.shortestRetrySeconds
    var connections: [ConnectionIdentifier: SessionConnection] = [:]
    var random: JitterSource
    var effects: [SessionEffect] = []

    /// - Parameter seed: decides the jitter of all timers.
    public init(configuration: NeighborConfiguration, localIdentifier: IPv4Address, seed: UInt64) {
        self.configuration = configuration
        self.localIdentifier = localIdentifier
        random = JitterSource(seed: seed)
    }

    public var state: SessionState {
        if let furthest = connections.values.map(\.state).max() { return furthest }
        if isStopped || holdDown != nil || !isLinkUp || idleHoldDeadline != nil { return .idle }
        return isConnecting ? .connect : .active
    }

    /// What the OPEN messages came to, while the session is established.
    public var negotiated: NegotiatedSession? { established?.connection.negotiated }

    /// The families whose routes are not taken until the session is made anew.
    public var disabledFamilies: [AddressFamilyIdentifier: DisabledFamily] {
        established?.connection.disabledFamilies ?? [:]
    }

    /// When the next timer runs out.
    public var nextDeadline: Instant? {
        let own = [idleHoldDeadline, connectRetryDeadline, holdDown?.until].compactMap { $0 }
        return (own + connections.values.flatMap(\.deadlines)).min()
    }

    /// When the next attempt to connect begins, if one is waited for; `nil` when the neighbor has to connect.
    public var nextAttempt: Instant? {
        guard !isStopped, !configuration.passive || idleHoldDeadline != nil else { return nil }
        return holdDown?.until ?? idleHoldDeadline ?? connectRetryDeadline
    }

    /// Takes one event and says what is to be done for it.
    public mutating func handle(_ event: SessionEvent, at now: Instant) -> [SessionEffect] {
        switch event {
        case .start: start(at: now)
        case .stop(let notification): stop(notification, at: now)
        case .reset(let notification): reset(notification, at: now)
        case .holdDown(let notification, let until): holdDown(notification, until: until, at: now)
        case .connected(let identifier, let origin): connected(identifier, origin, at: now)
        case .connectFailed(let reason): connectFailed(reason, at: now)
        case .closed(let identifier): closed(identifier, at: now)
        case .received(let identifier, let message): received(message, on: identifier, at: now)
        case .unreadable(let identifier, let notification): fail(identifier, notification, at: now)
        case .writable(let identifier, let writable): writabilityChanged(identifier, writable, at: now)
        case .stillWaiting: stillWaiting(at: now)
        case .link(let isUp): setLink(isUp: isUp, at: now)
        case .timer: timersExpired(at: now)
        }
        establishWhatIsLeft(at: now)
        return takeEffects(at: now)
    }

    /// Ends what was done for one event: notes when the state became another.
    mutating func takeEffects(at now: Instant) -> [SessionEffect] {
        if state != notedState || stateSince == nil {
            notedState = state
            stateSince = now
        }
        return takeEffects()
    }

    mutating func takeEffects() -> [SessionEffect] {
        defer { effects = [] }
        return effects
    }

    var established: (identifier: ConnectionIdentifier, connection: SessionConnection)? {
        connections.first { $0.value.state == .established }.map { ($0.key, $0.value) }
    }
}

/// Why and until when a session is kept down though the neighbor is not shut down.
public struct HoldDown: Hashable, Sendable {
    public let reason: NotificationMessage
    public let since: ContinuousClock.Instant
    /// `nil` until an operator clears the session.
    public let until: ContinuousClock.Instant?
}

/// RFC 4271 §10: timers are shortened by a random factor between 0.75 and 1, so that peers do not march in step.
struct JitterSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func jittered(seconds: Int) -> Duration {
        .milliseconds(Int.random(in: seconds * 750...seconds * 1000, using: &self))
    }
}
