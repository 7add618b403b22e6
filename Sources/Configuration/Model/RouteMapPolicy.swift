import Addressing

/// What an entry of a route map says about routes of BGP. Of several lists in one `match` line one has to permit the route.
public struct RouteMapPolicy: Equatable, Sendable {
    /// Communities in the place of those that a route has, or beside them.
    public struct Communities<Value: Hashable & Sendable>: Equatable, Sendable {
        /// None: the route leaves without any.
        public var values: Set<Value>
        public var isAdditive: Bool

        public init(_ values: Set<Value>, isAdditive: Bool = false) {
            self.values = values
            self.isAdditive = isAdditive
        }
    }

    /// With lists of the other family only, no route meets the entry.
    public var prefixLists: [AddressFamily: [String]] = [:]
    public var communityLists: [String] = []
    /// Whether the route is to have no communities beside those of the list's entry.
    public var matchesCommunitiesExactly = false
    public var largeCommunityLists: [String] = []
    public var matchesLargeCommunitiesExactly = false
    public var asPathLists: [String] = []
    public var extendedCommunityLists: [String] = []
    /// The community list whose communities are taken away.
    public var deletedCommunities: String?
    public var communities: Communities<Community>?
    public var largeCommunities: Communities<LargeCommunity>?
    /// In the place of a VRF's export targets, or beside them; in a VRF's `export route-map` alone.
    public var routeTargets: Communities<RouteTarget>?
    public var localPreference: UInt32?
    /// MULTI_EXIT_DISC.
    public var metric: UInt32?
    /// In front of the path, the first in front of the others; up to ``mostPrependedSystems``.
    public var prependedSystems: [UInt32] = []

    public static let mostPrependedSystems = 10

    public init() {}
}
