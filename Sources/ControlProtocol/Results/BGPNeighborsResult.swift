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
    /// When the session came to the state that it is in.
    public let stateSince: Timestamp?
    /// Why the latest session, or attempt at one, ended.
    public let lastError: String?
    public let lastErrorAt: Timestamp?
    /// When the next attempt to connect begins; `nil` if none is waited for.
    public let nextAttemptAt: Timestamp?
    /// What keeps packets from the neighbor now, as far as the box can see; only while the session is down.
    public let obstacle: String?
    /// Routes that counted as withdrawn and errors in updates, by reason.
    public let routeErrors: [BGPErrorCount]
    public let maximumPrefixes: Int?
    /// How much memory the large ones among the attributes of its routes take, and how much they may take.
    public let attributeMemory: BGPAttributeMemory?
    /// How many labels its routes have together, and how many they may have; `nil` for any number.
    public let labels: Int?
    public let maximumLabels: Int?

    public init(
        summary: BGPNeighborSummary, peerGroup: String? = nil, interface: String? = nil, localAddress: IPAddress? = nil,
        remoteIdentifier: IPv4Address? = nil, holdTimeSeconds: Int? = nil, keepaliveSeconds: Int? = nil,
        capabilities: [String], eligibleVrfs: [String], lastDownReason: String? = nil, lastDownAt: Timestamp? = nil,
        stateSince: Timestamp? = nil, lastError: String? = nil, lastErrorAt: Timestamp? = nil,
        nextAttemptAt: Timestamp? = nil, obstacle: String? = nil, routeErrors: [BGPErrorCount],
        maximumPrefixes: Int? = nil, attributeMemory: BGPAttributeMemory? = nil, labels: Int? = nil,
        maximumLabels: Int? = nil
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
        self.stateSince = stateSince
        self.lastError = lastError
        self.lastErrorAt = lastErrorAt
        self.nextAttemptAt = nextAttemptAt
        self.obstacle = obstacle
        self.routeErrors = routeErrors
        self.maximumPrefixes = maximumPrefixes
        self.attributeMemory = attributeMemory
        self.labels = labels
        self.maximumLabels = maximumLabels
    }
}

/// Memory for attributes of more than 256 octets.
public struct BGPAttributeMemory: Codable, Hashable, Sendable {
    public let octets: Int
    public let maximumOctets: Int

    public init(octets: Int, maximumOctets: Int) {
        self.octets = octets
        self.maximumOctets = maximumOctets
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
