extension StatusResult {
    public func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [
                .name("PROCESS"), .name("STATE"), .number("PID"), .number("START"), .name("STARTED AT"),
                .number("UPTIME S"), .name("VERSION"), .number("LAYOUT"),
            ], emptyText: "")
        for (name, process) in [("stiled", controlProcess), ("stile-dataplane", dataPlane)] {
            table.append([
                TextTable.Cell(name),
                process.stateCell,
                TextTable.Cell(process.processIdentifier), TextTable.Cell(process.instance),
                TextTable.Cell(process.startedAt), TextTable.Cell(process.uptimeSeconds),
                TextTable.Cell(process.version),
                TextTable.Cell(process.layoutVersion),
            ])
        }
        var tables = "generation \(currentGeneration)"
        if generationInUse != currentGeneration { tables += ", generation \(generationInUse) in use" }
        if isRestarting { tables += ", waiting for the neighbors' routes after a restart" }
        var standing = TextTable(
            [.name("ALARM"), .number("COUNT"), .name("SINCE"), .name("OF"), .name("MEANING")], emptyText: "")
        for alarm in alarms {
            standing.append([
                TextTable.Cell(alarm.kind.rawValue, .bad), TextTable.Cell(alarm.count), TextTable.Cell(alarm.since),
                TextTable.Cell(list: alarm.subjects), TextTable.Cell(alarm.help),
            ])
        }
        return factLines([("hostname", hostname), ("time", takenAt.description)], style) + "\n" + table.text(style)
            + "\n"
            + factLines(
                [
                    ("tables", tables), ("workers", String(workers)), ("configuration", configurationFile),
                    ("applied at", configurationAppliedAt?.description),
                ], style) + (alarms.isEmpty ? "" : "\n" + standing.text(style))
    }
}

extension ProcessStatus {
    fileprivate var stateCell: TextTable.Cell {
        guard isAlive else { return TextTable.Cell("away", .bad) }
        guard let silentSeconds else { return TextTable.Cell("running", .good) }
        return TextTable.Cell("silent for \(silentSeconds) s", .bad)
    }
}
