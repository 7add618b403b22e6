import Addressing

/// `show.labels`: which label is valid on which NNI, for which VRF or in place of which other label, and its hits.
public struct ShowLabels: ParameterlessRequest {
    public typealias Answer = LabelsResult
    public static let method = "show.labels"

    public init() {}
}

/// Answer to `show.labels`.
public struct LabelsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.labels/1"
    public private(set) var schema = LabelsResult.schemaIdentifier

    /// In the order of NNI and label.
    public let labels: [ValidLabel]
    /// In the order of the labels.
    public let quarantined: [QuarantinedLabel]
    /// Those of Option AB, in the order of the labels.
    public let validNowhere: [ToldLabel]

    public init(labels: [ValidLabel], quarantined: [QuarantinedLabel], validNowhere: [ToldLabel] = []) {
        self.labels = labels
        self.validNowhere = validNowhere
        self.quarantined = quarantined
    }
}

/// A label that is valid on one NNI, as the tables have it.
public struct ValidLabel: Codable, Hashable, Sendable {
    public let nni: String
    public let label: MPLSLabel
    /// Empty for a relay's label.
    public let vrf: String
    /// What of the VRF it is about, where it is not all of it: a next hop or a prefix.
    public let subject: String?
    /// Where its packets go without a lookup; `nil`: they are looked up in the VRF, or are no VRF's.
    public let way: String?
    /// By what it is swapped, and where to: Option B; `nil` for a VRF's label.
    public let swap: String?
    /// The unit whose services it meets.
    public let unit: String
    /// The neighbor that is told it, the only one that may send by it.
    public let neighbor: IPAddress
    /// The Ethernet addresses that it works from: the one that the neighbor's own resolves to, and those configured; empty
    /// as long as none is known. `nil` where every source may: the neighbor is alone on the NNI, and nothing asks for it.
    public let sourceMacAddresses: [MACAddress]?
    /// Since when it is valid: from just before the neighbor was told it.
    public let since: Timestamp?
    public let hitPackets: UInt64
    public let hitBytes: UInt64

    public init(
        nni: String, label: MPLSLabel, vrf: String, subject: String? = nil, way: String? = nil, swap: String? = nil,
        unit: String, neighbor: IPAddress,
        sourceMacAddresses: [MACAddress]? = nil, since: Timestamp?, hitPackets: UInt64, hitBytes: UInt64
    ) {
        self.nni = nni
        self.label = label
        self.vrf = vrf
        self.subject = subject
        self.way = way
        self.swap = swap
        self.unit = unit
        self.neighbor = neighbor
        self.sourceMacAddresses = sourceMacAddresses
        self.since = since
        self.hitPackets = hitPackets
        self.hitBytes = hitBytes
    }
}

/// A label that was in use and is given to nobody until its quarantine ends.
public struct QuarantinedLabel: Codable, Hashable, Sendable {
    public let label: MPLSLabel
    /// The VRF that had it, `nil` for a relay's, and the neighbor that was told it; `nil` if that is not known.
    public let vrf: String?
    public let neighbor: IPAddress?
    public let until: Timestamp

    public init(label: MPLSLabel, vrf: String?, neighbor: IPAddress?, until: Timestamp) {
        self.label = label
        self.vrf = vrf
        self.neighbor = neighbor
        self.until = until
    }
}

extension LabelsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("NNI"), .number("LABEL"), .name("VRF"), .name("FOR"), .name("UNIT OR SWAP"), .name("TOLD TO"),
                .name("FROM"), .name("SINCE"), .number("HIT PACKETS"), .number("HIT BYTES"),
            ], emptyText: "no label is valid anywhere")
        for label in labels {
            table.append([
                TextTable.Cell(label.nni), TextTable.Cell(label.label),
                label.vrf.isEmpty ? "-" : TextTable.Cell(label.vrf), Self.subject(of: label),
                TextTable.Cell(label.swap ?? label.unit),
                TextTable.Cell(label.neighbor), Self.sources(of: label),
                TextTable.Cell(label.since), TextTable.Cell(label.hitPackets), TextTable.Cell(label.hitBytes),
            ])
        }
        return table
    }

    /// What the label is about beside its VRF, and where that leads.
    private static func subject(of label: ValidLabel) -> TextTable.Cell {
        guard let subject = label.subject else { return "-" }
        guard label.swap == nil else { return TextTable.Cell(subject) }
        guard let way = label.way else { return TextTable.Cell("\(subject), looked up") }
        return TextTable.Cell(subject.hasSuffix(way) ? subject : "\(subject) by \(way)")
    }

    /// A dash where packets may come from every Ethernet address.
    private static func sources(of label: ValidLabel) -> TextTable.Cell {
        guard let sources = label.sourceMacAddresses else { return "-" }
        return sources.isEmpty ? "nobody yet" : TextTable.Cell(list: sources)
    }

    /// The labels that are valid, then those that are told and are not, and those in quarantine.
    public func text(_ style: TextStyle) -> String {
        var text = table().text(style)
        if !validNowhere.isEmpty {
            text += "\n" + validNowhere.map { $0.text.withoutControlCharacters + "\n" }.joined()
        }
        guard !quarantined.isEmpty else { return text }
        var waiting = TextTable(
            [.number("QUARANTINED LABEL"), .name("VRF"), .name("TOLD TO"), .name("UNTIL")], emptyText: "")
        for label in quarantined {
            waiting.append([
                TextTable.Cell(label.label), TextTable.Cell(label.vrf), TextTable.Cell(label.neighbor),
                TextTable.Cell(label.until),
            ])
        }
        return text + "\n" + waiting.text(style)
    }
}
