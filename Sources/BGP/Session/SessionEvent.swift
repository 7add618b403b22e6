/// One TCP connection of a session; the owner numbers them and never uses a number again.
public struct ConnectionIdentifier: Hashable, Sendable, RawRepresentable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Which side opened a connection: what decides a collision (RFC 4271 §6.8).
public enum ConnectionOrigin: Hashable, Sendable {
    case local
    case remote
}

/// What happens to a session (RFC 4271 §8.1).
public enum SessionEvent: Hashable, Sendable {
    /// ManualStart: begin to connect, or to wait when passive.
    case start
    /// ManualStop: close with this NOTIFICATION and stay down.
    case stop(NotificationMessage)
    /// Close with this NOTIFICATION and come back: an operator's clear, another configuration.
    case reset(NotificationMessage)
    /// Close with this NOTIFICATION and stay down until an operator's reset, or until the time given: too many prefixes.
    case holdDown(NotificationMessage, until: ContinuousClock.Instant?)
    /// TCP is up: Tcp_CR_Acked for our own attempt, TcpConnectionConfirmed for the peer's.
    case connected(ConnectionIdentifier, ConnectionOrigin)
    /// The attempt that `.connect` asked for failed, for the reason in words.
    case connectFailed(String)
    /// TCP is gone (TcpConnectionFails); not for connections that the session itself has closed.
    case closed(ConnectionIdentifier)
    /// One whole message, header included.
    case received(ConnectionIdentifier, [UInt8])
    /// The octets that came in cannot be cut into messages.
    case unreadable(ConnectionIdentifier, NotificationMessage)
    /// Whether TCP takes what is written.
    case writable(ConnectionIdentifier, Bool)
    /// A session that has waited for its neighbor for long is to say so.
    case stillWaiting
    /// Whether the interface towards the neighbor has its link. Without it a session ends at once and none is begun.
    case link(isUp: Bool)
    /// ``Session/nextDeadline`` has come.
    case timer
}
