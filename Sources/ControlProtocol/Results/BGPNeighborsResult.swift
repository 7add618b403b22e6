import Addressing

/// Answer to `show.bgp.neighbors`.
public struct BGPNeighborsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.bgp.neighbors/1"
    public private(set) var schema = BGPNeighborsResult.schemaIdentifier

    /// In the order of the addresses.
    public let neighbors: [BGPNeighborDetail]

    public init(neighbors: [BGPNeighborDetail]) {
        self.neighbors = neighbors
    }
}

/// Everything about one neighbor. What was negotiated is `nil` or empty while the session is down.
public struct BGPNeighborDetail: Codable, Hashable, Sendable {
    public let summary: BGPNeighborSummary
    public let peerGroup: String?
    /// The NNI that the neighbor is on.
    public let interface: String?
    public let localAddress: IPAddress?
    public let remoteIdentifier: IPv4Address?
    public let holdTimeSeconds: Int?
    public let keepaliveSeconds: Int?
    /// Names of the capabilities in force, for instance `route_refresh`, `graceful_restart`, `four_octet_as`.
    public let capabilities: [String]
    /// Eligible VRFs.
    public let eligibleVrfs: [String]
    public let lastDownReason: String?
    public let lastDownAt: Timestamp?
    /// Routes that counted as withdrawn and errors in updates, by reason.
    public let routeErrors: [BGPErrorCount]
    public let maximumPrefixes: Int?

    public init(
        summary: BGPNeighborSummary, peerGroup: String? = nil, interface: String? = nil, localAddress: IPAddress? = nil,
        remoteIdentifier: IPv4Address? = nil, holdTimeSeconds: Int? = nil, keepaliveSeconds: Int? = nil,
        capabilities: [String], eligibleVrfs: [String], lastDownReason: String? = nil, lastDownAt: Timestamp? = nil,
        routeErrors: [BGPErrorCount], maximumPrefixes: Int? = nil
    ) {
        self.summary = summary
        self.peerGroup = peerGroup
        self.interface = interface
        self.localAddress = localAddress
        self.remoteIdentifier = remoteIdentifier
        self.holdTimeSeconds = holdTimeSeconds
        self.keepaliveSeconds = keepaliveSeconds
        self.capabilities = capabilities
        self.eligibleVrfs = eligibleVrfs
        self.lastDownReason = lastDownReason
        self.lastDownAt = lastDownAt
        self.routeErrors = routeErrors
        self.maximumPrefixes = maximumPrefixes
    }
}

/// How often a neighbor's routes were refused for one reason.
public struct BGPErrorCount: Codable, Hashable, Sendable {
    /// In snake_case, for instance `next_hop_not_the_neighbor`.
    public let reason: String
    public let routes: UInt64

    public init(reason: String, routes: UInt64) {
        self.reason = reason
        self.routes = routes
    }
}
