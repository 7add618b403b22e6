/// Which part of a long answer is wanted.
public struct Page: Codable, Hashable, Sendable {
    /// The most rows that one page may have.
    public static let largestLimit = 2000

    /// Where the page begins: ``PagedResult/nextCursor`` of the page before it; `nil` for the first.
    public var cursor: String?
    /// The most rows wanted, 1 to ``largestLimit``.
    public var limit: Int

    public init(cursor: String? = nil, limit: Int = Page.largestLimit) {
        self.cursor = cursor
        self.limit = limit
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        cursor = try container.decodeIfPresent(String.self, forKey: .cursor)
        limit = try container.decodeIfPresent(Int.self, forKey: .limit) ?? Page.largestLimit
        guard (1...Page.largestLimit).contains(limit) else {
            throw DecodingError.dataCorruptedError(
                forKey: .limit, in: container, debugDescription: "a page has 1 to \(Page.largestLimit) rows")
        }
    }
}
