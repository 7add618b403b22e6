import Addressing

/// One page of the answer to `show.routes`.
public struct RoutesResult: PagedResult {
    public static let schemaIdentifier = "stile.show.routes/1"
    public static let rowsKey = "routes"
    public private(set) var schema = RoutesResult.schemaIdentifier

    /// In the order of VRF, family and prefix.
    public var routes: [VRFRoute]
    public var nextCursor: String?

    public init(routes: [VRFRoute], nextCursor: String? = nil) {
        self.routes = routes
        self.nextCursor = nextCursor
    }

    public var rows: [VRFRoute] {
        get { routes }
        set { routes = newValue }
    }
}

/// One route of a VRF as it is installed.
public struct VRFRoute: Codable, Hashable, Sendable {
    public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
        case connected
        /// One of the box's own addresses.
        case local
        case staticRoute = "static"
        case bgp
    }

    public let vrf: String
    public let prefix: IPPrefix
    public let source: Source
    public let administrativeDistance: Int
    /// Empty for `local` and for a route to Null0.
    public let nextHops: [RouteNextHop]
    public let changedAt: Timestamp
    /// Whether packets go by it; otherwise the tables have no room for it, and it is tried again until it is there.
    public let isInstalled: Bool

    public init(
        vrf: String, prefix: IPPrefix, source: Source, administrativeDistance: Int, nextHops: [RouteNextHop],
        changedAt: Timestamp, isInstalled: Bool = true
    ) {
        self.vrf = vrf
        self.prefix = prefix
        self.source = source
        self.administrativeDistance = administrativeDistance
        self.nextHops = nextHops
        self.changedAt = changedAt
        self.isInstalled = isInstalled
    }
}

public struct RouteNextHop: Codable, Hashable, Sendable {
    /// `nil` for a connected subnet.
    public let address: IPAddress?
    /// The attachment circuit or the unit that packets leave by.
    public let interface: String
    /// The far end's label.
    public let label: MPLSLabel?
    /// Whether the Ethernet address is known, so that packets leave at once.
    public let isResolved: Bool

    public init(address: IPAddress? = nil, interface: String, label: MPLSLabel? = nil, isResolved: Bool) {
        self.address = address
        self.interface = interface
        self.label = label
        self.isResolved = isResolved
    }
}
