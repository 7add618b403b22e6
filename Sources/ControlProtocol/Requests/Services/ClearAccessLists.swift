/// `clear.access_lists`: the hits of access list entries begin at zero.
public struct ClearAccessLists: ControlRequest {
    public typealias Answer = CountersClearedResult
    public static let method = "clear.access_lists"

    /// Only the lists of this name, of either family; all if `nil`.
    public var name: String?
    /// As `show.access_lists` has it; it makes no difference to what is cleared.
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
