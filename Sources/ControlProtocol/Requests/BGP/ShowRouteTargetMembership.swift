import Addressing

/// `show.bgp.rtfilter`: whose VPN routes internal neighbors want, and which they are asked for (RFC 4684).
public struct ShowRouteTargetMembership: ControlRequest {
    public typealias Answer = RouteTargetMembershipResult
    public static let method = "show.bgp.rtfilter"

    /// Only this one; all that have the family if `nil`.
    public var neighbor: IPAddress?

    public init(neighbor: IPAddress? = nil) { self.neighbor = neighbor }
}

/// Answer to `show.bgp.rtfilter`.
public struct RouteTargetMembershipResult: ControlResult {
    public static let schemaIdentifier = "stile.show.bgp.rtfilter/1"
    public private(set) var schema = RouteTargetMembershipResult.schemaIdentifier

    /// In the order of their addresses.
    public let neighbors: [NeighborMembership]

    public init(neighbors: [NeighborMembership]) { self.neighbors = neighbors }
}

/// What is said between the box and one neighbor.
public struct NeighborMembership: Codable, Hashable, Sendable {
    public let neighbor: IPAddress
    public let state: NeighborMembershipState
    /// While what it wants is awaited: when it gets routes at the latest.
    public let awaitedUntil: Timestamp?
    public let received: [RouteTargetEntry]
    public let advertised: [RouteTargetEntry]

    public init(
        neighbor: IPAddress, state: NeighborMembershipState, awaitedUntil: Timestamp? = nil,
        received: [RouteTargetEntry], advertised: [RouteTargetEntry]
    ) {
        self.neighbor = neighbor
        self.state = state
        self.awaitedUntil = awaitedUntil
        self.received = received
        self.advertised = advertised
    }
}

/// What becomes of the VPN routes for a neighbor.
public enum NeighborMembershipState: String, Codable, Hashable, Sendable, CaseIterable {
    /// It gets those that it wants.
    case inForce = "in_force"
    /// It gets none before it has said all that it wants.
    case awaited
    /// The session is down, or the neighbor does not offer the family: it gets all.
    case notCarried = "not_carried"
    /// What it wants could not be read (RFC 7606 §2): it gets all.
    case disabled
}

/// Route targets that somebody wants routes of.
public struct RouteTargetEntry: Codable, Hashable, Sendable {
    /// `nil` for the default, which is all targets.
    public let originAutonomousSystem: UInt32?
    /// In hexadecimal where only its beginning is said; `nil` for the default.
    public let routeTarget: String?
    /// As on the wire: 0, or 32 to 96 with the AS.
    public let lengthBits: Int
    public let nextHop: IPAddress?
    /// Who has said it first, where it was reflected.
    public let originator: IPv4Address?
    /// Whether it is kept over a restart of the neighbor (RFC 4724).
    public let isStale: Bool

    public init(
        originAutonomousSystem: UInt32?, routeTarget: String?, lengthBits: Int, nextHop: IPAddress?,
        originator: IPv4Address?, isStale: Bool = false
    ) {
        self.originAutonomousSystem = originAutonomousSystem
        self.routeTarget = routeTarget
        self.lengthBits = lengthBits
        self.nextHop = nextHop
        self.originator = originator
        self.isStale = isStale
    }
}

extension RouteTargetMembershipResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("NEIGHBOR"), .name("STATE"), .name("DIRECTION"), .number("ORIGIN AS"), .name("ROUTE TARGET"),
                .number("LENGTH"), .name("NEXT HOP"), .name("ORIGINATOR"), .name("STALE"),
            ], emptyText: "no neighbor has the family rtfilter")
        for neighbor in neighbors {
            let entries =
                neighbor.received.map { (direction: "received", entry: $0) }
                + neighbor.advertised.map { (direction: "advertised", entry: $0) }
            for (direction, entry) in entries {
                table.append([
                    TextTable.Cell(neighbor.neighbor), neighbor.state.cell, TextTable.Cell(direction),
                    TextTable.Cell(entry.originAutonomousSystem), TextTable.Cell(entry.routeTarget ?? "default"),
                    TextTable.Cell(entry.lengthBits), TextTable.Cell(entry.nextHop), TextTable.Cell(entry.originator),
                    TextTable.Cell(entry.isStale ? "stale" : "-"),
                ])
            }
            if entries.isEmpty {
                table.append(
                    [TextTable.Cell(neighbor.neighbor), neighbor.state.cell]
                        + [TextTable.Cell](repeating: "-", count: 7))
            }
        }
        return table
    }
}

extension NeighborMembershipState {
    fileprivate var cell: TextTable.Cell {
        switch self {
        case .inForce: "in force"
        case .awaited: TextTable.Cell("awaited", .bad)
        case .notCarried: "not carried"
        case .disabled: TextTable.Cell("disabled", .bad)
        }
    }
}
