/// Parameters of `show.access_lists` and `clear.access_lists`.
public struct AccessListsQuery: Codable, Hashable, Sendable {
    /// Only the lists of this name, of either family; all if `nil`.
    public var name: String?
    /// Which part of the entries; it makes no difference to what is cleared.
    public var page: Page

    public init(name: String? = nil, page: Page = Page()) {
        self.name = name
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}

/// Parameters of `show.accounting`.
public struct AccountingQuery: Codable, Hashable, Sendable {
    /// Only this VRF; all if `nil`.
    public var vrf: String?

    public init(vrf: String? = nil) { self.vrf = vrf }
}
