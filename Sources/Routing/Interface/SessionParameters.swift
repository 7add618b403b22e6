import Addressing
import BGP

/// What routing needs to know of a session that has been established.
public struct SessionParameters: Hashable, Sendable {
    /// The neighbor's BGP identifier.
    public var peerIdentifier: IPv4Address
    /// The families that the session carries.
    public var families: Set<SessionFamily>
    /// Whether the neighbor understands ROUTE-REFRESH (RFC 2918).
    public var routeRefresh: Bool
    /// Whether both sides mark the ends of a refresh (RFC 7313).
    public var enhancedRouteRefresh: Bool
    /// Whether IPv4 routes may have a next hop of IPv6 (RFC 8950).
    public var extendedNextHops: Bool
    /// The families whose routes may have more than one label (RFC 8277 §2.1).
    public var multipleLabels: Set<SessionFamily>
    /// What the neighbor said of its restarts; `nil` without graceful restart (RFC 4724).
    public var gracefulRestart: GracefulRestartCapability?

    public init(
        peerIdentifier: IPv4Address, families: Set<SessionFamily>, routeRefresh: Bool = true,
        enhancedRouteRefresh: Bool = false, extendedNextHops: Bool = false,
        multipleLabels: Set<SessionFamily> = [], gracefulRestart: GracefulRestartCapability? = nil
    ) {
        self.peerIdentifier = peerIdentifier
        self.families = families
        self.routeRefresh = routeRefresh
        self.enhancedRouteRefresh = enhancedRouteRefresh
        self.extendedNextHops = extendedNextHops
        self.multipleLabels = multipleLabels
        self.gracefulRestart = gracefulRestart
    }
}
