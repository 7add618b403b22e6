import Addressing
import BGP

/// A route map as routing applies it to the routes of one family: the first entry that a route meets decides, and what
/// meets none is refused.
public struct RoutePolicy: Hashable, Sendable {
    /// What of the attributes a route has to have.
    public enum Condition: Hashable, Sendable {
        /// One of the lists permits its communities.
        case communities([CommunityFilter], exactly: Bool)
        case largeCommunities([LargeCommunityFilter], exactly: Bool)
        /// One of the lists permits its AS path.
        case asPath([ASPathFilter])
        /// One of the lists permits its route targets.
        case routeTargets([RouteTargetFilter])
    }

    public struct Entry: Hashable, Sendable {
        public let permits: Bool
        /// Of which one has to permit the prefix; none: every prefix meets the entry.
        public var prefixFilters: [PrefixFilter] = []
        /// All of them have to hold.
        public var conditions: [Condition] = []
        /// What becomes of a route that the entry permits.
        public var changes = AttributeChanges()

        public init(permits: Bool) { self.permits = permits }
    }

    public let entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }
}

extension RoutePolicy.Condition {
    func holds(for attributes: PathAttributes) -> Bool {
        switch self {
        case .communities(let lists, let exactly):
            let values = Set(attributes.communities)
            return lists.contains { $0.permits(values, exactly: exactly) }
        case .largeCommunities(let lists, let exactly):
            let values = Set(attributes.largeCommunities)
            return lists.contains { $0.permits(values, exactly: exactly) }
        case .asPath(let lists):
            let path = attributes.asPath.description
            return lists.contains { $0.permits(path) }
        case .routeTargets(let lists):
            let values = Set(attributes.routeTargets)
            return lists.contains { $0.permits(values) }
        }
    }
}

/// What a route map writes into the attributes of a route, in the order of the fields.
public struct AttributeChanges: Hashable, Sendable {
    /// Values in the place of those that are there, or beside them.
    public struct Values<Value: Hashable & Sendable>: Hashable, Sendable {
        public let values: [Value]
        public let isAdditive: Bool

        public init(_ values: [Value], isAdditive: Bool) {
            self.values = values
            self.isAdditive = isAdditive
        }

        func apply(to present: inout [Value]) {
            guard isAdditive else {
                present = values
                return
            }
            let known = Set(present)
            present += values.filter { !known.contains($0) }
        }
    }

    /// Communities that it permits, one by one, are taken away.
    public var deletedCommunities: CommunityFilter?
    public var communities: Values<Community>?
    public var largeCommunities: Values<LargeCommunity>?
    /// Of a VRF's export map: the targets that a route leaves with, or that it has beside the VRF's. They are no attributes of
    /// the route yet.
    public var routeTargets: Values<RouteTarget>?
    public var localPreference: UInt32?
    public var multiExitDiscriminator: UInt32?
    /// AS numbers in front of the path, the first in front of the others.
    public var prependedSystems: [UInt32] = []

    public init() {}

    func apply(to contents: inout PathAttributes.Contents) {
        if let list = deletedCommunities { contents.communities.removeAll { list.permits([$0]) } }
        communities?.apply(to: &contents.communities)
        largeCommunities?.apply(to: &contents.largeCommunities)
        if let localPreference { contents.localPreference = localPreference }
        if let multiExitDiscriminator { contents.multiExitDiscriminator = multiExitDiscriminator }
        for system in prependedSystems.reversed() { contents.asPath = contents.asPath.prepending(system) }
    }
}

extension RoutePolicy? {
    /// Whether it may permit what `former` refused.
    func mayPermitMore(than former: RoutePolicy?) -> Bool { former != nil && self != former }
}
