import Addressing

/// One page of the answer to `show.bgp.routes`.
public struct BGPRoutesResult: PagedResult {
    public static let schemaIdentifier = "stile.show.bgp.routes/1"
    public static let rowsKey = "routes"
    public private(set) var schema = BGPRoutesResult.schemaIdentifier

    public let family: BGPFamily
    public let view: BGPRoutesView
    public var routes: [BGPRoute]
    public var nextCursor: String?

    public init(family: BGPFamily, view: BGPRoutesView, routes: [BGPRoute], nextCursor: String? = nil) {
        self.family = family
        self.view = view
        self.routes = routes
        self.nextCursor = nextCursor
    }

    public var rows: [BGPRoute] {
        get { routes }
        set { routes = newValue }
    }
}

/// Which routes are meant.
public enum BGPRoutesView: String, Codable, Hashable, Sendable, CaseIterable {
    /// What neighbors sent and is kept.
    case received
    /// Of those, what at least one VRF took.
    case imported
    /// What is sent to neighbors.
    case advertised
}

/// One route from or to one neighbor.
public struct BGPRoute: Codable, Hashable, Sendable {
    public let neighbor: IPAddress
    public let routeDistinguisher: RouteDistinguisher?
    public let prefix: IPPrefix
    public let nextHop: IPAddress
    public let label: MPLSLabel?
    /// AS numbers separated by spaces, sets in braces.
    public let autonomousSystemPath: String
    /// `igp`, `egp` or `incomplete`.
    public let origin: String
    public let multiExitDiscriminator: UInt32?
    public let localPreference: UInt32?
    public let routeTargets: [RouteTarget]
    /// All other communities in text form.
    public let communities: [String]
    /// The VRFs that took it; for an advertised route the VRF that it comes from.
    public let vrfs: [String]
    /// Whether it is kept over a restart of the neighbor (RFC 4724).
    public let isStale: Bool
    public let changedAt: Timestamp

    public init(
        neighbor: IPAddress, routeDistinguisher: RouteDistinguisher? = nil, prefix: IPPrefix, nextHop: IPAddress,
        label: MPLSLabel? = nil, autonomousSystemPath: String, origin: String, multiExitDiscriminator: UInt32? = nil,
        localPreference: UInt32? = nil, routeTargets: [RouteTarget], communities: [String], vrfs: [String],
        isStale: Bool, changedAt: Timestamp
    ) {
        self.neighbor = neighbor
        self.routeDistinguisher = routeDistinguisher
        self.prefix = prefix
        self.nextHop = nextHop
        self.label = label
        self.autonomousSystemPath = autonomousSystemPath
        self.origin = origin
        self.multiExitDiscriminator = multiExitDiscriminator
        self.localPreference = localPreference
        self.routeTargets = routeTargets
        self.communities = communities
        self.vrfs = vrfs
        self.isStale = isStale
        self.changedAt = changedAt
    }
}
