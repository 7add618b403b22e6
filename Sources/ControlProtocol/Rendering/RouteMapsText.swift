extension RouteMapsResult {
    /// For each route map its name and a table of its entries, with a row for each place where an entry is attached.
    public func text(_ style: TextStyle) -> String {
        guard !routeMaps.isEmpty else { return "no route maps\n" }
        return routeMaps.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension RouteMapStatus {
    fileprivate func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [
                .number("SEQUENCE"), .name("ACTION"), .name("INTERFACE"), .name("FAMILY"), .name("DIRECTION"),
                .number("PACKETS"),
                .number("BYTES"), .number("WITHOUT NEXT HOP"), .name("NEXT HOPS"), .name("STATEMENTS"),
            ], emptyText: "no entries")
        for entry in entries {
            let statements = (entry.match + entry.set).joined(separator: ", ")
            let head = [
                TextTable.Cell(entry.sequence), TextTable.Cell(entry.action.rawValue),
            ]
            for (index, attachment) in entry.attachments.enumerated() {
                table.append(
                    (index == 0 ? head : ["", ""]) + attachment.cells
                        + [index == 0 ? TextTable.Cell(statements.isEmpty ? nil : statements) : ""])
            }
            if entry.attachments.isEmpty {
                table.append(
                    head + Array(repeating: "-", count: 7)
                        + [TextTable.Cell(statements.isEmpty ? nil : statements)])
            }
        }
        let title = "route map \(name)".withoutControlCharacters
        return style.show(title, as: .heading) + "\n" + table.text(style)
    }
}

extension RouteMapAttachment {
    fileprivate var cells: [TextTable.Cell] {
        let isDown = nextHops.contains { !$0.isUp }
        return [
            TextTable.Cell(interface), TextTable.Cell(family.rawValue),
            TextTable.Cell(direction.rawValue), TextTable.Cell(matched.packets),
            TextTable.Cell(matched.bytes),
            TextTable.Cell(withoutNextHop.packets, withoutNextHop.packets > 0 ? .warning : .none),
            TextTable.Cell(
                nextHops.isEmpty ? "-" : nextHops.map(\.words).joined(separator: ", "), isDown ? .warning : .none),
        ]
    }
}

extension RouteMapNextHop {
    fileprivate var words: String {
        guard let interface else { return "\(address) no \(isRecursive ? "route" : "neighbor") of vrf \(vrf)" }
        return "\(address)\(isRecursive ? " recursive" : "") on \(interface) \(isUp ? "up" : "down")"
    }
}
