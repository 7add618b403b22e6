import Addressing

/// A list over communities of one kind: the first entry of which a route has all values decides, and what none matches is
/// refused.
public struct AttributeFilter<Value: Hashable & Sendable>: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let permits: Bool
        public let values: Set<Value>

        public init(permits: Bool, values: Set<Value>) {
            self.permits = permits
            self.values = values
        }
    }

    private let entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }

    /// - Parameter exactly: whether a route is to have no others.
    func permits(_ values: Set<Value>, exactly: Bool = false) -> Bool {
        entries.first { exactly ? $0.values == values : $0.values.isSubset(of: values) }?.permits ?? false
    }
}

public typealias CommunityFilter = AttributeFilter<Community>
public typealias LargeCommunityFilter = AttributeFilter<LargeCommunity>
public typealias RouteTargetFilter = AttributeFilter<RouteTarget>

/// A list over the text of AS paths: the first pattern that is found decides, and what none matches is refused.
public struct ASPathFilter: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let permits: Bool
        public let pattern: ASPathPattern

        public init(permits: Bool, pattern: ASPathPattern) {
            self.permits = permits
            self.pattern = pattern
        }
    }

    private let entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }

    func permits(_ path: String) -> Bool { entries.first { $0.pattern.matches(path) }?.permits ?? false }
}
