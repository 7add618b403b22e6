import Addressing

/// `show.bgp.summary`: sessions and how many routes they carry.
public struct ShowBGPSummary: ParameterlessRequest {
    public typealias Answer = BGPSummaryResult
    public static let method = "show.bgp.summary"

    public init() {}
}

/// Answer to `show.bgp.summary`.
public struct BGPSummaryResult: ControlResult {
    public static let schemaIdentifier = "stile.show.bgp.summary/1"
    public private(set) var schema = BGPSummaryResult.schemaIdentifier

    public let localAutonomousSystem: UInt32
    public let routerIdentifier: IPv4Address
    /// In the order of the addresses, those in no VRF first.
    public let neighbors: [BGPNeighborSummary]

    public init(localAutonomousSystem: UInt32, routerIdentifier: IPv4Address, neighbors: [BGPNeighborSummary]) {
        self.localAutonomousSystem = localAutonomousSystem
        self.routerIdentifier = routerIdentifier
        self.neighbors = neighbors
    }
}

/// The states of RFC 4271 §8.2.2, `shutdown` where the configuration says so, and `held_down` where the session stays
/// down for something that the neighbor did.
public enum BGPState: String, Codable, Hashable, Sendable, CaseIterable {
    case shutdown
    case heldDown = "held_down"
    case idle
    case connect
    case active
    case openSent = "open_sent"
    case openConfirm = "open_confirm"
    case established
}

public struct BGPNeighborSummary: Codable, Hashable, Sendable {
    public let address: IPAddress
    public let description: String?
    /// The VRF of a customer's session; `nil` for one outside all VRFs.
    public let vrf: String?
    public let remoteAutonomousSystem: UInt32
    public let state: BGPState
    /// Why and until when, while the session is held down.
    public let heldDown: BGPHeldDown?
    /// When the session came to be established or was lost; `nil` if it never was established.
    public let stateChangedAt: Timestamp?
    public let sessionsEstablished: UInt64
    public let rxMessages: UInt64
    public let txMessages: UInt64
    /// Families that are carried, or configured while the session is down.
    public let families: [BGPFamilyCounts]

    public init(
        address: IPAddress, description: String? = nil, vrf: String? = nil, remoteAutonomousSystem: UInt32,
        state: BGPState, heldDown: BGPHeldDown? = nil, stateChangedAt: Timestamp? = nil, sessionsEstablished: UInt64,
        rxMessages: UInt64, txMessages: UInt64, families: [BGPFamilyCounts]
    ) {
        self.address = address
        self.description = description
        self.vrf = vrf
        self.remoteAutonomousSystem = remoteAutonomousSystem
        self.state = state
        self.heldDown = heldDown
        self.stateChangedAt = stateChangedAt
        self.sessionsEstablished = sessionsEstablished
        self.rxMessages = rxMessages
        self.txMessages = txMessages
        self.families = families
    }
}

/// Routes of one family exchanged with one neighbor.
public struct BGPFamilyCounts: Codable, Hashable, Sendable {
    public let family: BGPFamily
    /// Whether the family is marked `optE`.
    public let isOptionE: Bool
    /// Whether it is marked `optB`: routes are relayed.
    public let isOptionB: Bool
    /// Whether it is marked `optC`: ways to PEs are exchanged.
    public let isOptionC: Bool
    public let state: BGPFamilyState
    /// Why nothing of the family counts, while it is disabled, since when, and when the session is reset for it.
    public let disabled: BGPDisabledFamily?
    /// The most routes that the neighbor may announce, and from how many on there is a warning.
    public let maximumPrefixes: Int?
    public let warningPrefixes: Int?
    /// Routes held from the neighbor.
    public let receivedRoutes: Int
    /// Of those, in at least one VRF.
    public let importedRoutes: Int
    /// Routes received in this session and not kept, since no VRF takes them.
    public let notKeptRoutes: UInt64
    public let advertisedRoutes: Int

    public init(
        family: BGPFamily, isOptionE: Bool, isOptionB: Bool = false, isOptionC: Bool = false,
        state: BGPFamilyState,
        disabled: BGPDisabledFamily? = nil,
        maximumPrefixes: Int? = nil, warningPrefixes: Int? = nil, receivedRoutes: Int, importedRoutes: Int,
        notKeptRoutes: UInt64, advertisedRoutes: Int
    ) {
        self.family = family
        self.isOptionE = isOptionE
        self.isOptionB = isOptionB
        self.isOptionC = isOptionC
        self.state = state
        self.disabled = disabled
        self.maximumPrefixes = maximumPrefixes
        self.warningPrefixes = warningPrefixes
        self.receivedRoutes = receivedRoutes
        self.importedRoutes = importedRoutes
        self.notKeptRoutes = notKeptRoutes
        self.advertisedRoutes = advertisedRoutes
    }
}

/// Whether routes of a family go to and fro.
public enum BGPFamilyState: String, Codable, Hashable, Sendable, CaseIterable {
    /// The session is up and carries it.
    case carried
    /// The session is down, or the neighbor does not offer the family.
    case notCarried = "not_carried"
    /// The neighbor's routes could not be read, and none counts until the session is made anew (RFC 7606 §2).
    case disabled
}

/// Why a session is kept down.
public struct BGPHeldDown: Codable, Hashable, Sendable {
    public let reason: String
    public let since: Timestamp
    /// `nil` until an operator clears it.
    public let until: Timestamp?

    public init(reason: String, since: Timestamp, until: Timestamp? = nil) {
        self.reason = reason
        self.since = since
        self.until = until
    }
}

/// What is known of a family that is disabled.
public struct BGPDisabledFamily: Codable, Hashable, Sendable {
    public let reason: String
    public let since: Timestamp
    /// When the session is reset to bring the family back.
    public let retryAt: Timestamp

    public init(reason: String, since: Timestamp, retryAt: Timestamp) {
        self.reason = reason
        self.since = since
        self.retryAt = retryAt
    }
}

/// An address family of BGP.
public enum BGPFamily: String, Codable, Hashable, Sendable, CaseIterable {
    case ipv4
    case ipv6
    case vpnv4
    case vpnv6
    case ipv4LabeledUnicast = "ipv4_labeled_unicast"
    case ipv6LabeledUnicast = "ipv6_labeled_unicast"
    case routeTargets = "rtfilter"
    case ipv4MVPN = "ipv4_mvpn"
    case ipv6MVPN = "ipv6_mvpn"
    case evpn = "l2vpn_evpn"

    /// Whether PEs signal by its routes, which lead to no prefix.
    public var isSignalling: Bool { self == .ipv4MVPN || self == .ipv6MVPN || self == .evpn }
}

extension BGPSummaryResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("NEIGHBOR"), .name("VRF"), .number("AS"), .name("STATE"), .name("SINCE"), .name("FAMILY"),
                .name("ROUTES"),
                .name("OPTE"),
                .number("RECEIVED"), .number("IMPORTED"), .number("NOT KEPT"), .number("ADVERTISED"),
                .number("RX MESSAGES"), .number("TX MESSAGES"), .name("DESCRIPTION"),
            ], emptyText: "no neighbors")
        for neighbor in neighbors {
            // One line for each family; the neighbor's own columns stand on the first.
            let families: [BGPFamilyCounts?] = neighbor.families.isEmpty ? [nil] : neighbor.families
            for (index, family) in families.enumerated() {
                let isFirst = index == 0
                table.append([
                    isFirst ? TextTable.Cell(neighbor.address) : "",
                    isFirst ? TextTable.Cell(neighbor.vrf) : "",
                    isFirst ? TextTable.Cell(neighbor.remoteAutonomousSystem) : "",
                    isFirst ? TextTable.Cell(neighbor.state.text, neighbor.state.emphasis) : "",
                    isFirst ? TextTable.Cell(neighbor.stateChangedAt) : "",
                    TextTable.Cell(family?.family.rawValue),
                    family.map { TextTable.Cell($0.routesText, $0.routesEmphasis) } ?? "-",
                    TextTable.Cell(family.map { $0.isOptionE ? "yes" : "no" }),
                    TextTable.Cell(family?.receivedRoutes), TextTable.Cell(family?.importedRoutes),
                    TextTable.Cell(family?.notKeptRoutes), TextTable.Cell(family?.advertisedRoutes),
                    isFirst ? TextTable.Cell(neighbor.rxMessages) : "",
                    isFirst ? TextTable.Cell(neighbor.txMessages) : "",
                    isFirst ? TextTable.Cell(neighbor.description) : "",
                ])
            }
        }
        return table
    }

    public func text(_ style: TextStyle) -> String {
        "local AS \(localAutonomousSystem), router identifier \(routerIdentifier)\n\n" + table().text(style)
    }
}

extension BGPFamilyCounts {
    /// Whether the routes are as many as there is a warning for.
    var isNearMaximum: Bool { warningPrefixes.map { receivedRoutes >= $0 } ?? false }

    /// What a person reads of the state.
    fileprivate var routesText: String {
        switch state {
        case .carried where isNearMaximum: "near maximum"
        case .carried: "carried"
        case .notCarried: "not carried"
        case .disabled: "disabled"
        }
    }

    fileprivate var routesEmphasis: Emphasis {
        switch state {
        case .carried: isNearMaximum ? .warning : .none
        case .notCarried: .warning
        case .disabled: .bad
        }
    }
}

extension BGPState {
    /// What a person reads.
    var text: String { self == .heldDown ? "held down" : rawValue }

    var emphasis: Emphasis {
        switch self {
        case .established: .good
        case .shutdown: .warning
        case .heldDown, .idle, .connect, .active, .openSent, .openConfirm: .bad
        }
    }
}
