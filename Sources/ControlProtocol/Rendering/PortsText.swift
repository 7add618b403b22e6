extension PortsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("PORT"), .name("STATE"), .name("DRIVER"), .number("MBIT/S"), .name("MAC ADDRESS"), .number("MTU"),
                .number("RXQ"), .number("TXQ"), .number("RX PACKETS"), .number("TX PACKETS"), .number("RX MISSED"),
                .number("ERRORS"), .name("DEVICE"),
            ], emptyText: "no ports")
        for port in ports {
            let errors = port.rxErrors &+ port.txErrors
            table.append([
                TextTable.Cell(port.name), TextTable.Cell(port.state.rawValue, port.state.emphasis),
                TextTable.Cell(port.driver), TextTable.Cell(port.speedMegabitsPerSecond),
                TextTable.Cell(port.macAddress), TextTable.Cell(port.mtuBytes), TextTable.Cell(port.rxQueues),
                TextTable.Cell(port.txQueues), TextTable.Cell(port.rxPackets), TextTable.Cell(port.txPackets),
                TextTable.Cell(port.rxMissedPackets, port.rxMissedPackets > 0 ? .warning : .none),
                TextTable.Cell(errors, errors > 0 ? .warning : .none), TextTable.Cell(port.device),
            ])
        }
        return table
    }

    /// The table, then why ports have failed.
    public func text(_ style: TextStyle) -> String {
        ports.reduce(into: table().text(style)) { text, port in
            guard let error = port.error else { return }
            text += "\(port.name): " + style.show(error.withoutControlCharacters, as: .bad) + "\n"
        }
    }
}
