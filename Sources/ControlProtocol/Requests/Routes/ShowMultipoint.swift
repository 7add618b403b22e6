import Addressing

/// `show.multipoint`: the labels whose packets go to several, and to whom: those of the configuration, and those of tunnels that end here.
public struct ShowMultipoint: ParameterlessRequest {
    public typealias Answer = MultipointResult
    public static let method = "show.multipoint"

    public init() {}
}

/// Answer to `show.multipoint`.
public struct MultipointResult: ControlResult {
    public static let schemaIdentifier = "stile.show.multipoint/1"
    public private(set) var schema = MultipointResult.schemaIdentifier

    /// Those of the configuration, and then those of tunnels; each in the order of the labels.
    public let labels: [MultipointLabelStatus]

    public init(labels: [MultipointLabelStatus]) { self.labels = labels }
}

/// One label.
public struct MultipointLabelStatus: Codable, Hashable, Sendable {
    public let label: MPLSLabel
    /// Where packets with it are taken: the name of an NNI, or `core`.
    public let place: String
    /// The PE that the packets come from; of a tunnel's label the neighbor that was told it.
    public let source: IPAddress
    /// The MVPN route of the tunnel that ends here; `nil` for a label of the configuration.
    public let tunnel: String?
    /// How many labels have to be under it.
    public let innerLabels: Int
    /// Whether packets with it are taken.
    public let isValid: Bool
    /// In the order of the configuration, or of their addresses.
    public let branches: [MultipointBranchStatus]

    public init(
        label: MPLSLabel, place: String, source: IPAddress, tunnel: String? = nil, innerLabels: Int, isValid: Bool,
        branches: [MultipointBranchStatus]
    ) {
        self.label = label
        self.place = place
        self.source = source
        self.tunnel = tunnel
        self.innerLabels = innerLabels
        self.isValid = isValid
        self.branches = branches
    }
}

/// Who gets a copy, and how.
public struct MultipointBranchStatus: Codable, Hashable, Sendable {
    public let address: IPAddress
    /// What takes the label's place.
    public let label: MPLSLabel
    /// The NNI, or the core interface that the transport leads by; `nil`: nothing leads there.
    public let interface: String?
    /// What stands above the label, the outermost first.
    public let transportLabels: [MPLSLabel]
    /// Why no copy leaves; `nil`: copies leave.
    public let obstacle: String?

    public init(
        address: IPAddress, label: MPLSLabel, interface: String?, transportLabels: [MPLSLabel] = [],
        obstacle: String? = nil
    ) {
        self.address = address
        self.label = label
        self.interface = interface
        self.transportLabels = transportLabels
        self.obstacle = obstacle
    }
}

extension MultipointResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .number("LABEL"), .name("ON"), .name("FROM"), .number("INNER"), .name("TO"), .number("AS LABEL"),
                .name("UNDER"), .name("INTERFACE"), .name("STATE"), .name("TUNNEL"),
            ], emptyText: "no label leads to several")
        for label in labels {
            for branch in label.branches {
                table.append([
                    TextTable.Cell(label.label), TextTable.Cell(label.place), TextTable.Cell(label.source),
                    TextTable.Cell(label.innerLabels),
                    TextTable.Cell(branch.address), TextTable.Cell(branch.label),
                    branch.transportLabels.isEmpty ? "-" : TextTable.Cell(list: branch.transportLabels),
                    TextTable.Cell(branch.interface), Self.state(label, branch), TextTable.Cell(label.tunnel),
                ])
            }
        }
        return table
    }

    private static func state(_ label: MultipointLabelStatus, _ branch: MultipointBranchStatus) -> TextTable.Cell {
        guard label.isValid else { return TextTable.Cell("the label is not in the tables", .bad) }
        return branch.obstacle.map { TextTable.Cell($0, .bad) } ?? "copies leave"
    }
}
