/// `show.access_lists`: access lists and how many packets each entry decided.
public struct ShowAccessLists: PagedRequest {
    public typealias Answer = AccessListsResult
    public static let method = "show.access_lists"

    /// Only the lists of this name, of either family; all if `nil`.
    public var name: String?
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

/// One page of the answer to `show.access_lists`.
public struct AccessListsResult: PagedResult {
    public static let schemaIdentifier = "stile.show.access_lists/1"
    public static let rowsKey = "entries"
    public private(set) var schema = AccessListsResult.schemaIdentifier

    /// When the counters of the page were read.
    public let takenAt: Timestamp
    /// In the order of family, list and sequence; the deny at the end of every list is its last entry.
    public var entries: [AccessListEntryStatus]
    public var nextCursor: String?

    public init(takenAt: Timestamp, entries: [AccessListEntryStatus], nextCursor: String? = nil) {
        self.takenAt = takenAt
        self.entries = entries
        self.nextCursor = nextCursor
    }

    public var rows: [AccessListEntryStatus] {
        get { entries }
        set { entries = newValue }
    }
}

/// One entry of an access list.
public struct AccessListEntryStatus: Codable, Hashable, Sendable {
    public enum Family: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    public let accessList: String
    public let family: Family
    /// `nil` for the deny at the end that no line stands for.
    public let sequence: UInt32?
    /// The entry as the running configuration has it, without its sequence number.
    public let text: String
    /// Packets that the entry decided since its counter was last cleared, wherever the list is used; `nil` for a remark
    /// and where nothing uses the list.
    public let hitPackets: UInt64?

    public init(accessList: String, family: Family, sequence: UInt32?, text: String, hitPackets: UInt64?) {
        self.accessList = accessList
        self.family = family
        self.sequence = sequence
        self.text = text
        self.hitPackets = hitPackets
    }
}

extension AccessListsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.name("ACCESS LIST"), .name("FAMILY"), .number("SEQUENCE"), .number("HITS"), .name("ENTRY")],
            emptyText: "no access lists")
        for entry in entries {
            table.append([
                TextTable.Cell(entry.accessList), TextTable.Cell(entry.family.rawValue),
                TextTable.Cell(entry.sequence), TextTable.Cell(entry.hitPackets), TextTable.Cell(entry.text),
            ])
        }
        return table
    }
}
