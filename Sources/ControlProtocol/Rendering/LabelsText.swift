extension LabelsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("NNI"), .number("LABEL"), .name("VRF"), .name("UNIT"), .name("TOLD TO"), .name("FROM"),
                .name("SINCE"), .number("HIT PACKETS"), .number("HIT BYTES"),
            ], emptyText: "no label is valid anywhere")
        for label in labels {
            table.append([
                TextTable.Cell(label.nni), TextTable.Cell(label.label), TextTable.Cell(label.vrf),
                TextTable.Cell(label.unit), TextTable.Cell(label.neighbor), Self.sources(of: label),
                TextTable.Cell(label.since), TextTable.Cell(label.hitPackets), TextTable.Cell(label.hitBytes),
            ])
        }
        return table
    }

    /// A dash where packets may come from every Ethernet address.
    private static func sources(of label: ValidLabel) -> TextTable.Cell {
        guard let sources = label.sourceMacAddresses else { return "-" }
        return sources.isEmpty ? "nobody yet" : TextTable.Cell(list: sources)
    }

    /// The labels that are valid, then those in quarantine.
    public func text(_ style: TextStyle) -> String {
        guard !quarantined.isEmpty else { return table().text(style) }
        var waiting = TextTable(
            [.number("QUARANTINED LABEL"), .name("VRF"), .name("TOLD TO"), .name("UNTIL")], emptyText: "")
        for label in quarantined {
            waiting.append([
                TextTable.Cell(label.label), TextTable.Cell(label.vrf), TextTable.Cell(label.neighbor),
                TextTable.Cell(label.until),
            ])
        }
        return table().text(style) + "\n" + waiting.text(style)
    }
}
