import Addressing

/// `show.mpls.received_labels`: the labels of one label space that PEs of the own network have said packets will have (RFC 9573 §4.2).
public struct ShowReceivedLabels: PagedRequest {
    public typealias Answer = ReceivedLabelsResult
    public static let method = "show.mpls.received_labels"

    /// The PE whose own space is meant.
    public var provider: IPAddress?
    /// The label that names the space that is meant; without it and without a PE it is the default one.
    public var space: MPLSLabel?
    public var page: Page

    public init(provider: IPAddress? = nil, space: MPLSLabel? = nil, page: Page = Page()) {
        self.provider = provider
        self.space = space
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        provider = try container.decodeIfPresent(IPAddress.self, forKey: .provider)
        space = try container.decodeIfPresent(MPLSLabel.self, forKey: .space)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}

/// One page of the answer to `show.mpls.received_labels`.
public struct ReceivedLabelsResult: PagedResult {
    public static let schemaIdentifier = "stile.show.mpls.received_labels/1"
    public static let rowsKey = "labels"
    public private(set) var schema = ReceivedLabelsResult.schemaIdentifier

    /// In ascending order.
    public var labels: [ShownReceivedLabel]
    public var nextCursor: String?

    public init(labels: [ShownReceivedLabel], nextCursor: String? = nil) {
        self.labels = labels
        self.nextCursor = nextCursor
    }

    public var rows: [ShownReceivedLabel] {
        get { labels }
        set { labels = newValue }
    }
}

/// A label that PEs have said.
public struct ShownReceivedLabel: Codable, Hashable, Sendable {
    public enum Purpose: String, Codable, Hashable, Sendable, CaseIterable {
        /// A VPN, a broadcast domain, or one tunnel's packets of it.
        case tunnel
        /// An Ethernet segment.
        case segment
        /// A PE whose packets come by a shared tunnel.
        case provider
        /// A label space.
        case space
    }

    public let label: MPLSLabel
    /// What it stands for; PEs that name several things contradict each other.
    public let purposes: [Purpose]
    /// By how many tunnels and segments it is said.
    public let uses: Int

    public init(label: MPLSLabel, purposes: [Purpose], uses: Int) {
        self.label = label
        self.purposes = purposes
        self.uses = uses
    }
}

extension ReceivedLabelsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.number("LABEL"), .name("STANDS FOR"), .number("SAID BY")], emptyText: "no labels of this space")
        for label in labels {
            let purposes = label.purposes.map(\.rawValue).joined(separator: " and ")
            table.append([
                TextTable.Cell(label.label),
                TextTable.Cell(label.purposes.count > 1 ? "\(purposes): a contradiction" : purposes),
                TextTable.Cell(label.uses),
            ])
        }
        return table
    }
}
