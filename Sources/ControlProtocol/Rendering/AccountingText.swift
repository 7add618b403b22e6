extension AccountingResult {
    /// The sums of the VRFs, then circuits and units, then classes.
    public func text(_ style: TextStyle) -> String {
        var tables = [vrfTable, interfaceTable]
        if !classes.isEmpty { tables.append(classTable) }
        return tables.map { $0.text(style) }.joined(separator: "\n")
    }

    private static let counts: [TextTable.Column] = [
        .number("RX PACKETS"), .number("RX BYTES"), .number("TX PACKETS"), .number("TX BYTES"),
    ]

    private static func cells(_ received: TrafficCount, _ sent: TrafficCount) -> [TextTable.Cell] {
        [received.packets, received.bytes, sent.packets, sent.bytes].map { TextTable.Cell($0) }
    }

    private var vrfTable: TextTable {
        var table = TextTable([.name("VRF")] + Self.counts, emptyText: "no VRFs")
        for vrf in vrfs { table.append([TextTable.Cell(vrf.vrf)] + Self.cells(vrf.received, vrf.sent)) }
        return table
    }

    private var interfaceTable: TextTable {
        var table = TextTable(
            [.name("VRF"), .name("INTERFACE"), .name("KIND")] + Self.counts, emptyText: "no interfaces")
        for row in interfaces {
            table.append(
                [TextTable.Cell(row.vrf), TextTable.Cell(row.interface), TextTable.Cell(row.kind.title)]
                    + Self.cells(row.received, row.sent))
        }
        return table
    }

    private var classTable: TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("INTERFACE"), .name("DIRECTION"), .name("POLICY MAP"), .name("CLASS"),
                .number("PACKETS"), .number("BYTES"),
            ], emptyText: "no classes")
        for row in classes {
            table.append([
                TextTable.Cell(row.vrf), TextTable.Cell(row.interface), TextTable.Cell(row.direction.rawValue),
                TextTable.Cell(row.policyMap), TextTable.Cell(row.className), TextTable.Cell(row.traffic.packets),
                TextTable.Cell(row.traffic.bytes),
            ])
        }
        return table
    }
}
