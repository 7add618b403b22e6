extension DropsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.name("INTERFACE"), .name("REASON"), .name("CLASS"), .number("PACKETS"), .name("MEANING")],
            emptyText: "nothing was dropped")
        for drop in drops {
            table.append([
                TextTable.Cell(drop.interface), TextTable.Cell(drop.reason), TextTable.Cell(drop.dropClass.rawValue),
                TextTable.Cell(drop.packets), TextTable.Cell(drop.help),
            ])
        }
        return table
    }
}
