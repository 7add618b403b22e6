import Addressing

/// `bgp.clear`: resets the session with a neighbor, or asks for its routes again.
public struct ClearBGPSession: ControlRequest {
    public typealias Answer = BGPClearResult
    public static let method = "bgp.clear"

    public var neighbor: IPAddress
    /// The VRF that the neighbor is in; `nil`: none.
    public var vrf: String?
    /// Ask for the routes again and send ours again, without ending the session.
    public var isSoft: Bool
    /// What the neighbor's operator is told with the end of the session (RFC 9003): up to 255 octets.
    public var message: String?

    public init(neighbor: IPAddress, vrf: String? = nil, isSoft: Bool = false, message: String? = nil) {
        self.neighbor = neighbor
        self.vrf = vrf
        self.isSoft = isSoft
        self.message = message
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        neighbor = try container.decode(IPAddress.self, forKey: .neighbor)
        vrf = try container.decodeIfPresent(String.self, forKey: .vrf)
        isSoft = try container.decodeIfPresent(Bool.self, forKey: .isSoft) ?? false
        message = try container.decodeIfPresent(String.self, forKey: .message)
    }
}

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

extension BGPClearResult {
    public var exitCode: ExitCode { notRefreshed.isEmpty ? .done : .refused }

    public func text(_ style: TextStyle) -> String {
        guard !neighbors.isEmpty || !notRefreshed.isEmpty else { return "no session was cleared\n" }
        let what = isSoft ? "routes asked for again from" : "session reset with"
        let done = neighbors.map { "\(what) \($0)\n" }
        let left = notRefreshed.map { "\($0.family.rawValue) not asked for from \($0.neighbor): \($0.reason.text)\n" }
        return (done + left).joined()
    }
}

extension BGPNotRefreshed.Reason {
    /// What a person reads.
    var text: String {
        switch self {
        case .sessionDown: "the session is not established"
        case .notCarried: "the neighbor does not offer the family"
        case .noRouteRefresh: "the neighbor knows no route refresh; without 'soft' the session is reset"
        case .disabled: "disabled for an error in the neighbor's routes; without 'soft' the session is reset"
        }
    }
}
