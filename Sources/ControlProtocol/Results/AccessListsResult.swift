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
