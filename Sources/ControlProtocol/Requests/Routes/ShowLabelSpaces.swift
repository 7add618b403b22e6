import Addressing

/// `show.mpls.label_spaces`: the labels that are provisioned, by label space, and where they are valid (RFC 9573 §3).
public struct ShowLabelSpaces: ParameterlessRequest {
    public typealias Answer = LabelSpacesResult
    public static let method = "show.mpls.label_spaces"

    public init() {}
}

/// Answer to `show.mpls.label_spaces`.
public struct LabelSpacesResult: ControlResult {
    public static let schemaIdentifier = "stile.show.mpls.label_spaces/1"
    public private(set) var schema = LabelSpacesResult.schemaIdentifier

    /// The default space first, of which the common block is a part; then the others by name.
    public let spaces: [ShownLabelSpace]

    public init(spaces: [ShownLabelSpace]) { self.spaces = spaces }
}

/// A label space with what is provisioned of it.
public struct ShownLabelSpace: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// The labels of packets that have none above them.
        case `default`
        /// Those under a label of the common block.
        case context
    }

    public let kind: Kind
    /// `nil` for the default one.
    public let name: String?
    /// The label that names it.
    public let contextLabel: MPLSLabel?
    /// Of the default space the common block, of another the part that this box gives labels from; `nil`: none.
    public let firstLabel: UInt32?
    public let lastLabel: UInt32?
    /// In ascending order.
    public let labels: [ShownCommonLabel]

    public init(
        kind: Kind, name: String? = nil, contextLabel: MPLSLabel? = nil, block: ClosedRange<UInt32>?,
        labels: [ShownCommonLabel]
    ) {
        self.kind = kind
        self.name = name
        self.contextLabel = contextLabel
        firstLabel = block?.lowerBound
        lastLabel = block?.upperBound
        self.labels = labels
    }
}

/// A label that is provisioned.
public struct ShownCommonLabel: Codable, Hashable, Sendable {
    public let label: MPLSLabel
    /// The VRF that it stands for, or the label space that it names.
    public let vrf: String?
    public let space: String?
    /// The NNIs on which it is valid, and `core`, in order.
    public let validOn: [String]
    /// The neighbors that may not be told it yet.
    public let waits: [ShownLabelWait]

    public init(
        label: MPLSLabel, vrf: String? = nil, space: String? = nil, validOn: [String], waits: [ShownLabelWait] = []
    ) {
        self.label = label
        self.vrf = vrf
        self.space = space
        self.validOn = validOn
        self.waits = waits
    }
}

/// A neighbor that may not be told a label yet.
public struct ShownLabelWait: Codable, Hashable, Sendable {
    public let neighbor: IPAddress
    /// When its quarantine there is over; `nil`: it is in use for something else still.
    public let until: Timestamp?

    public init(neighbor: IPAddress, until: Timestamp?) {
        self.neighbor = neighbor
        self.until = until
    }
}

extension LabelSpacesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("SPACE"), .number("NAMED BY"), .name("BLOCK"), .number("LABEL"), .name("FOR"), .name("VALID ON"),
                .name("WAITS"),
            ], emptyText: "no label is provisioned")
        for space in spaces {
            let name = TextTable.Cell(space.name ?? "default")
            let block = space.firstLabel.flatMap { first in space.lastLabel.map { "\(first)-\($0)" } }
            guard !space.labels.isEmpty else {
                table.append([name, TextTable.Cell(space.contextLabel), TextTable.Cell(block), "-", "-", "-", "-"])
                continue
            }
            for label in space.labels {
                let meaning = label.vrf.map { "vrf \($0)" } ?? label.space.map { "space \($0)" }
                table.append([
                    name, TextTable.Cell(space.contextLabel), TextTable.Cell(block), TextTable.Cell(label.label),
                    TextTable.Cell(meaning), TextTable.Cell(list: label.validOn),
                    TextTable.Cell(list: label.waits.map(\.text)),
                ])
            }
        }
        return table
    }
}

extension ShownLabelWait {
    fileprivate var text: String { "\(neighbor) until \(until.map { "\($0)" } ?? "it is free")" }
}
