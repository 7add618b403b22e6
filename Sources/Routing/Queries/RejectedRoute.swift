import BGP

/// A route that a neighbor has sent and that counts as withdrawn, as `show` presents it.
public struct RejectedRoute: Hashable, Sendable {
    public let route: NLRI
    public let reason: RouteRejection
    /// `nil` where they are so large that they were not kept.
    public let attributes: PathAttributes?
    public let rejectedAt: Instant
}
