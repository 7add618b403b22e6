extension BGPSummaryResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("NEIGHBOR"), .number("AS"), .name("STATE"), .name("SINCE"), .name("FAMILY"), .name("ROUTES"),
                .name("OPTE"),
                .number("RECEIVED"), .number("IMPORTED"), .number("NOT KEPT"), .number("ADVERTISED"),
                .number("RX MESSAGES"), .number("TX MESSAGES"), .name("DESCRIPTION"),
            ], emptyText: "no neighbors")
        for neighbor in neighbors {
            // One line for each family; the neighbor's own columns stand on the first.
            let families: [BGPFamilyCounts?] = neighbor.families.isEmpty ? [nil] : neighbor.families
            for (index, family) in families.enumerated() {
                let isFirst = index == 0
                table.append([
                    isFirst ? TextTable.Cell(neighbor.address) : "",
                    isFirst ? TextTable.Cell(neighbor.remoteAutonomousSystem) : "",
                    isFirst ? TextTable.Cell(neighbor.state.text, neighbor.state.emphasis) : "",
                    isFirst ? TextTable.Cell(neighbor.stateChangedAt) : "",
                    TextTable.Cell(family?.family.rawValue),
                    family.map { TextTable.Cell($0.routesText, $0.routesEmphasis) } ?? "-",
                    TextTable.Cell(family.map { $0.isOptionE ? "yes" : "no" }),
                    TextTable.Cell(family?.receivedRoutes), TextTable.Cell(family?.importedRoutes),
                    TextTable.Cell(family?.notKeptRoutes), TextTable.Cell(family?.advertisedRoutes),
                    isFirst ? TextTable.Cell(neighbor.rxMessages) : "",
                    isFirst ? TextTable.Cell(neighbor.txMessages) : "",
                    isFirst ? TextTable.Cell(neighbor.description) : "",
                ])
            }
        }
        return table
    }

    public func text(_ style: TextStyle) -> String {
        "local AS \(localAutonomousSystem), router identifier \(routerIdentifier)\n\n" + table().text(style)
    }
}

extension BGPFamilyCounts {
    /// Whether the routes are as many as there is a warning for.
    var isNearMaximum: Bool { warningPrefixes.map { receivedRoutes >= $0 } ?? false }

    /// What a person reads of the state.
    fileprivate var routesText: String {
        switch state {
        case .carried where isNearMaximum: "near maximum"
        case .carried: "carried"
        case .notCarried: "not carried"
        case .disabled: "disabled"
        }
    }

    fileprivate var routesEmphasis: Emphasis {
        switch state {
        case .carried: isNearMaximum ? .warning : .none
        case .notCarried: .warning
        case .disabled: .bad
        }
    }
}

extension BGPState {
    /// What a person reads.
    var text: String { self == .heldDown ? "held down" : rawValue }

    var emphasis: Emphasis {
        switch self {
        case .established: .good
        case .shutdown: .warning
        case .heldDown, .idle, .connect, .active, .openSent, .openConfirm: .bad
        }
    }
}
