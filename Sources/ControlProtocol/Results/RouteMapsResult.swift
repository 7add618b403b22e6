import Addressing

/// Answer to `show.route_maps`.
public struct RouteMapsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.route_maps/1"
    public private(set) var schema = RouteMapsResult.schemaIdentifier

    /// When the counters were read.
    public let takenAt: Timestamp
    /// In the order of the names.
    public let routeMaps: [RouteMapStatus]

    public init(takenAt: Timestamp, routeMaps: [RouteMapStatus]) {
        self.takenAt = takenAt
        self.routeMaps = routeMaps
    }
}

/// A route map, whether it is attached or not.
public struct RouteMapStatus: Codable, Hashable, Sendable {
    public let name: String
    /// In the order in which they are tried.
    public let entries: [RouteMapEntryStatus]

    public init(name: String, entries: [RouteMapEntryStatus]) {
        self.name = name
        self.entries = entries
    }
}

/// One entry of a route map.
public struct RouteMapEntryStatus: Codable, Hashable, Sendable {
    public enum Action: String, Codable, Hashable, Sendable, CaseIterable {
        case permit
        case deny
    }

    public let sequence: UInt16
    public let action: Action
    public let description: String?
    /// The lines of the running configuration; without one all packets match.
    public let match: [String]
    public let set: [String]
    /// Where packets can meet the entry, in the order of interface and family.
    public let attachments: [RouteMapAttachment]

    public init(
        sequence: UInt16, action: Action, description: String?, match: [String], set: [String],
        attachments: [RouteMapAttachment]
    ) {
        self.sequence = sequence
        self.action = action
        self.description = description
        self.match = match
        self.set = set
        self.attachments = attachments
    }
}

/// An entry of a route map where the map is attached.
public struct RouteMapAttachment: Codable, Hashable, Sendable {
    public enum Family: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    public let interface: String
    public let family: Family
    public let direction: ServiceDirection
    /// Packets that the entry took since its counters were last cleared.
    public let matched: TrafficCount
    /// Those of them that none of the entry's next hops could take.
    public let withoutNextHop: TrafficCount
    /// In the order in which they are tried, for each VRF whose packets pass here.
    public let nextHops: [RouteMapNextHop]

    public init(
        interface: String, family: Family, direction: ServiceDirection, matched: TrafficCount,
        withoutNextHop: TrafficCount,
        nextHops: [RouteMapNextHop]
    ) {
        self.interface = interface
        self.family = family
        self.direction = direction
        self.matched = matched
        self.withoutNextHop = withoutNextHop
        self.nextHops = nextHops
    }
}

/// A next hop of an attached route map, in one VRF.
public struct RouteMapNextHop: Codable, Hashable, Sendable {
    public let vrf: String
    public let address: IPAddress
    /// Whether packets go where the address is routed; otherwise it is a neighbor's.
    public let isRecursive: Bool
    /// The circuit that it is a neighbor on, or where its route leads, a circuit or a unit; `nil`: none.
    public let interface: String?
    /// Whether the neighbor is resolved, so that packets are sent there.
    public let isUp: Bool

    public init(vrf: String, address: IPAddress, isRecursive: Bool = false, interface: String?, isUp: Bool) {
        self.vrf = vrf
        self.address = address
        self.isRecursive = isRecursive
        self.interface = interface
        self.isUp = isUp
    }
}
