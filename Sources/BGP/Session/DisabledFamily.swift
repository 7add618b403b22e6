/// A family that an error in its routes made unusable on a session (RFC 7606 §2, "AFI/SAFI disable").
///
/// Where the routes cannot be told apart from one another any more, nothing that follows of the family can be trusted,
/// and no route refresh mends it: what was announced and not read is not known. A new session does, so one is made
/// after a while, and after twice as long should the same happen again.
public struct DisabledFamily: Hashable, Sendable {
    /// RFC 7606 names no time. Long enough for the other families to be worth keeping the session for.
    public static let shortestRetrySeconds = 300
    public static let longestRetrySeconds = 3600

    /// The error that disabled it.
    public let fault: UpdateFault
    public let since: ContinuousClock.Instant
    /// When the session is reset to bring the family back.
    public let retryAt: ContinuousClock.Instant
}
