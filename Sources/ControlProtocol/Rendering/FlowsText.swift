extension FlowExportersResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("EXPORTER"), .name("COLLECTOR"), .name("TRANSPORT"), .name("STATE"), .number("FLOWS"),
                .number("MESSAGES"), .number("BYTES"), .number("WAITING"), .number("LOST"), .number("ERRORS"),
            ], emptyText: "no flow exporters")
        for exporter in exporters {
            let errors = exporter.sendErrors &+ exporter.connectionFailures
            table.append([
                TextTable.Cell(exporter.name), TextTable.Cell(exporter.destination),
                TextTable.Cell("\(exporter.transport) \(exporter.port)"),
                TextTable.Cell(exporter.isReady ? "ready" : "not connected", exporter.isReady ? .good : .warning),
                TextTable.Cell(exporter.exportedFlows), TextTable.Cell(exporter.messages),
                TextTable.Cell(exporter.bytes), TextTable.Cell(exporter.waitingFlows),
                TextTable.Cell(exporter.lostFlows, exporter.lostFlows > 0 ? .warning : .none),
                TextTable.Cell(errors, errors > 0 ? .warning : .none),
            ])
        }
        return table
    }

    /// The table, then why exporters cannot send.
    public func text(_ style: TextStyle) -> String {
        exporters.reduce(into: table().text(style)) { text, exporter in
            guard let problem = exporter.problem else { return }
            text += "\(exporter.name): " + style.show(problem.withoutControlCharacters, as: .bad) + "\n"
        }
    }
}

extension FlowMonitorsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("MONITOR"), .name("EXPORTER"), .name("SAMPLING"), .number("ACTIVE S"), .number("INACTIVE S"),
                .number("CACHE ENTRIES"), .name("VRFS"),
            ], emptyText: "no flow monitors")
        for monitor in monitors {
            table.append([
                TextTable.Cell(monitor.name), TextTable.Cell(monitor.exporter),
                TextTable.Cell("1:\(monitor.samplingInterval)"), TextTable.Cell(monitor.activeTimeoutSeconds),
                TextTable.Cell(monitor.inactiveTimeoutSeconds), TextTable.Cell(monitor.cacheEntries),
                TextTable.Cell(list: monitor.vrfs),
            ])
        }
        return table
    }

    /// The monitors, then the caches of the workers.
    public func text(_ style: TextStyle) -> String {
        guard !monitors.isEmpty, !caches.isEmpty else { return table().text(style) }
        var workers = TextTable(
            [
                .number("WORKER"), .number("FLOWS"), .number("PACKETS"), .number("CACHE FULL"), .number("RECORDS"),
                .number("RING FULL"), .number("LOST"),
            ], emptyText: "no workers")
        for cache in caches {
            workers.append([
                TextTable.Cell(cache.worker), TextTable.Cell(cache.activeFlows),
                TextTable.Cell(cache.meteredPackets),
                TextTable.Cell(cache.cacheFullPackets, cache.cacheFullPackets > 0 ? .warning : .none),
                TextTable.Cell(cache.records), TextTable.Cell(cache.ringFullTimes),
                TextTable.Cell(cache.lostRecords, cache.lostRecords > 0 ? .warning : .none),
            ])
        }
        return table().text(style) + "\n" + workers.text(style)
    }
}
