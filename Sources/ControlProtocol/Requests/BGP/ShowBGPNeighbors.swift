import Addressing

/// `show.bgp.neighbors`: everything about the neighbors.
public struct ShowBGPNeighbors: ControlRequest {
    public typealias Answer = BGPNeighborsResult
    public static let method = "show.bgp.neighbors"

    /// Only this one; all if `nil`.
    public var neighbor: IPAddress?
    /// The VRF that the neighbor is in, or whose neighbors are meant; `nil`: the neighbor is in none.
    public var vrf: String?

    public init(neighbor: IPAddress? = nil, vrf: String? = nil) {
        self.neighbor = neighbor
        self.vrf = vrf
    }
}

/// Answer to `show.bgp.neighbors`.
public struct BGPNeighborsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.bgp.neighbors/1"
    public private(set) var schema = BGPNeighborsResult.schemaIdentifier

    /// In the order of the addresses, those in no VRF first.
    public let neighbors: [BGPNeighborDetail]

    public init(neighbors: [BGPNeighborDetail]) {
        self.neighbors = neighbors
    }
}

/// Everything about one neighbor. What was negotiated is `nil` or empty while the session is down.
public struct BGPNeighborDetail: Codable, Hashable, Sendable {
    public let summary: BGPNeighborSummary
    public let peerGroup: String?
    /// The NNI or circuit that the neighbor is on.
    public let interface: String?
    public let localAddress: IPAddress?
    public let remoteIdentifier: IPv4Address?
    public let holdTimeSeconds: Int?
    public let keepaliveSeconds: Int?
    /// Names of the capabilities in force, for instance `route_refresh`, `graceful_restart`, `four_octet_as`.
    public let capabilities: [String]
    /// Eligible VRFs.
    public let eligibleVrfs: [String]
    /// Those of them whose packets are exchanged on circuits: Option AB.
    public let vrfsOnCircuits: [VRFOnCircuits]
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
        capabilities: [String], eligibleVrfs: [String], vrfsOnCircuits: [VRFOnCircuits] = [],
        lastDownReason: String? = nil, lastDownAt: Timestamp? = nil,
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
        self.vrfsOnCircuits = vrfsOnCircuits
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

extension BGPNeighborsResult {
    public func text(_ style: TextStyle) -> String {
        guard !neighbors.isEmpty else { return "no neighbors\n" }
        return neighbors.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension BGPNeighborDetail {
    fileprivate func text(_ style: TextStyle) -> String {
        let state = style.show(summary.state.text, as: summary.state.emphasis)
        var text = "neighbor \(summary.address), AS \(summary.remoteAutonomousSystem), \(state)"
        if let since = stateSince { text += " since \(since)" }
        text += "\n"
        func dated(_ reason: String?, _ time: Timestamp?) -> String? {
            reason.map { reason in time.map { "\(reason) at \($0)" } ?? reason }
        }
        text += factLines(
            [
                ("  held down", summary.heldDown?.text), ("  description", summary.description),
                ("  peer group", peerGroup), ("  vrf", summary.vrf),
                ("  interface", interface), ("  local address", localAddress?.description),
                ("  remote identifier", remoteIdentifier?.description),
                ("  hold time", holdTimeSeconds.map { "\($0) s" }), ("  keepalive", keepaliveSeconds.map { "\($0) s" }),
                ("  capabilities", capabilities.isEmpty ? nil : capabilities.joined(separator: ", ")),
                ("  eligible vrfs", eligibleVrfs.isEmpty ? nil : eligibleVrfs.joined(separator: " ")),
                (
                    "  vrfs by optAB",
                    vrfsOnCircuits.isEmpty ? nil : vrfsOnCircuits.map(\.text).joined(separator: ", ")
                ),
                ("  maximum prefixes", maximumPrefixes.map(String.init)),
                ("  attribute memory", attributeMemory.map { "\($0.octets) of \($0.maximumOctets) octets" }),
                ("  labels", labels.map { "\($0)\(maximumLabels.map { " of \($0)" } ?? "")" }),
                ("  sessions established", String(summary.sessionsEstablished)),
                ("  messages", "\(summary.rxMessages) received, \(summary.txMessages) sent"),
                ("  last down", dated(lastDownReason, lastDownAt)), ("  last error", dated(lastError, lastErrorAt)),
                ("  next attempt", nextAttemptAt?.description), ("  obstacle", obstacle),
            ], style)
        for family in summary.families {
            text +=
                "  \(family.family.rawValue)\(family.isOptionE ? " optE" : family.isOptionB ? " optB" : family.isOptionC ? " optC" : ""): \(family.receivedRoutes) received, "
            text += "\(family.importedRoutes) imported, \(family.notKeptRoutes) not kept, "
            text += "\(family.advertisedRoutes) advertised\n"
            if let maximum = family.maximumPrefixes, let warning = family.warningPrefixes {
                text += "    at most \(maximum), warning from \(warning) on"
                text += family.isNearMaximum ? ": \(style.show("reached", as: .warning))\n" : "\n"
            }
            if let disabled = family.disabled {
                text +=
                    "    \(style.show("disabled", as: .bad)) since \(disabled.since), until the session is reset at "
                text += "\(disabled.retryAt): \(disabled.reason.withoutControlCharacters)\n"
            } else if family.state == .notCarried, summary.state == .established {
                text += "    not carried: the neighbor does not offer it\n"
            }
        }
        for error in routeErrors {
            text += "  refused \(error.reason.withoutControlCharacters): \(error.routes) routes\n"
        }
        return text
    }
}

extension BGPHeldDown {
    fileprivate var text: String {
        "\(reason.withoutControlCharacters) since \(since), until \(until?.description ?? "it is cleared")"
    }
}
