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
