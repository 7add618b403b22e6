import Addressing

/// Parameters of `show.bgp.neighbors`.
public struct BGPNeighborsQuery: Codable, Hashable, Sendable {
    /// Only this one; all if `nil`.
    public var neighbor: IPAddress?

    public init(neighbor: IPAddress? = nil) { self.neighbor = neighbor }
}

/// Parameters of `show.bgp.routes`.
public struct BGPRoutesQuery: Codable, Hashable, Sendable {
    public var family: BGPFamily
    public var view: BGPRoutesView
    public var neighbor: IPAddress?
    /// Only this prefix, whatever its route distinguisher.
    public var prefix: IPPrefix?
    public var page: Page

    public init(
        family: BGPFamily, view: BGPRoutesView, neighbor: IPAddress? = nil, prefix: IPPrefix? = nil, page: Page = Page()
    ) {
        self.family = family
        self.view = view
        self.neighbor = neighbor
        self.prefix = prefix
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        family = try container.decode(BGPFamily.self, forKey: .family)
        view = try container.decode(BGPRoutesView.self, forKey: .view)
        neighbor = try container.decodeIfPresent(IPAddress.self, forKey: .neighbor)
        prefix = try container.decodeIfPresent(IPPrefix.self, forKey: .prefix)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}

/// Parameters of `bgp.clear`.
public struct BGPClearOrder: Codable, Hashable, Sendable {
    public var neighbor: IPAddress
    /// Ask for the routes again and send ours again, without ending the session.
    public var isSoft: Bool
    /// What the neighbor's operator is told with the end of the session (RFC 9003): up to 255 octets.
    public var message: String?

    public init(neighbor: IPAddress, isSoft: Bool = false, message: String? = nil) {
        self.neighbor = neighbor
        self.isSoft = isSoft
        self.message = message
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        neighbor = try container.decode(IPAddress.self, forKey: .neighbor)
        isSoft = try container.decodeIfPresent(Bool.self, forKey: .isSoft) ?? false
        message = try container.decodeIfPresent(String.self, forKey: .message)
    }
}
