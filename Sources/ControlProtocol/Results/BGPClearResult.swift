import Addressing

/// Answer to `bgp.clear`.
public struct BGPClearResult: ControlResult {
    public static let schemaIdentifier = "stile.bgp.clear/1"
    public private(set) var schema = BGPClearResult.schemaIdentifier

    /// The neighbors whose sessions were reset, or who were asked for their routes of a family at least.
    public let neighbors: [IPAddress]
    public let isSoft: Bool
    /// What a soft clear could not ask for.
    public let notRefreshed: [BGPNotRefreshed]

    public init(neighbors: [IPAddress], isSoft: Bool, notRefreshed: [BGPNotRefreshed] = []) {
        self.neighbors = neighbors
        self.isSoft = isSoft
        self.notRefreshed = notRefreshed
    }
}

/// A family that a neighbor was not asked for.
public struct BGPNotRefreshed: Codable, Hashable, Sendable {
    public enum Reason: String, Codable, Hashable, Sendable, CaseIterable {
        case sessionDown = "session_down"
        case notCarried = "not_carried"
        case noRouteRefresh = "no_route_refresh"
        case disabled
    }

    public let neighbor: IPAddress
    public let family: BGPFamily
    public let reason: Reason

    public init(neighbor: IPAddress, family: BGPFamily, reason: Reason) {
        self.neighbor = neighbor
        self.family = family
        self.reason = reason
    }
}
