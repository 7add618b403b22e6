import Addressing

/// A list that route maps ask about an attribute of routes. The first entry that matches decides; a route that none matches
/// is denied.
public struct RoutePolicyList<Value: Hashable & Sendable>: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public var sequence: UInt32
        public var permits: Bool
        public var value: Value

        public init(sequence: UInt32, permits: Bool, value: Value) {
            self.sequence = sequence
            self.permits = permits
            self.value = value
        }
    }

    public let name: String
    /// In ascending order of their sequence numbers, at least one.
    public var entries: [Entry]

    public init(name: String, entries: [Entry] = []) {
        self.name = name
        self.entries = entries
    }
}

/// `ip community-list`: an entry matches a route that has all of its communities.
public typealias CommunityList = RoutePolicyList<Set<Community>>
/// `ip large-community-list`, likewise.
public typealias LargeCommunityList = RoutePolicyList<Set<LargeCommunity>>
/// `ip extcommunity-list`, likewise with route targets.
public typealias ExtendedCommunityList = RoutePolicyList<Set<RouteTarget>>
/// `ip as-path access-list`: an entry matches a route in whose path its pattern is found.
public typealias ASPathList = RoutePolicyList<ASPathPattern>
