extension NeighborsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("INTERFACE"), .name("VRF"), .name("ADDRESS"), .name("MAC ADDRESS"), .name("STATE"),
                .name("CONFIRMED"), .number("WAITING"),
            ], emptyText: "no neighbors")
        for neighbor in neighbors {
            table.append([
                TextTable.Cell(neighbor.interface), TextTable.Cell(neighbor.vrf), TextTable.Cell(neighbor.address),
                TextTable.Cell(neighbor.macAddress),
                TextTable.Cell(neighbor.state.rawValue, neighbor.state.emphasis),
                TextTable.Cell(neighbor.confirmedAt), TextTable.Cell(neighbor.waitingPackets),
            ])
        }
        return table
    }
}

extension LinkNeighbor.State {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .reachable: .good
        case .stale, .delay, .probe: .none
        case .incomplete: .warning
        case .failed: .bad
        }
    }
}
