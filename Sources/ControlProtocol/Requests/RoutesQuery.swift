import Addressing

/// Parameters of `show.routes`.
public struct RoutesQuery: Codable, Hashable, Sendable {
    public enum Family: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    /// Only this VRF; all if `nil`.
    public var vrf: String?
    public var family: Family?
    /// Only this prefix.
    public var prefix: IPPrefix?
    public var page: Page

    public init(vrf: String? = nil, family: Family? = nil, prefix: IPPrefix? = nil, page: Page = Page()) {
        self.vrf = vrf
        self.family = family
        self.prefix = prefix
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        vrf = try container.decodeIfPresent(String.self, forKey: .vrf)
        family = try container.decodeIfPresent(Family.self, forKey: .family)
        prefix = try container.decodeIfPresent(IPPrefix.self, forKey: .prefix)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}
