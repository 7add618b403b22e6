import Addressing

/// The statements of a `flow exporter` block.
enum FlowExporterStatements {
    static let table = StatementTable<FlowExporterDraft>([
        .line("description|desc") { line, exporter throws(Finding) in
            try line.assign(&exporter.description, line.freeText("a description"))
        },
        .line("destination") { line, exporter throws(Finding) in
            try line.assign(&exporter.destination, line.address("the address of the collector").value)
        },
        .line("source") { line, exporter throws(Finding) in
            try line.assign(&exporter.source, line.address("an address of this box").value)
        },
        .line("transport", "udp") { line, exporter throws(Finding) in try transport(.udp, &line, &exporter) },
        .line("transport", "tcp") { line, exporter throws(Finding) in try transport(.tcp, &line, &exporter) },
        .line("template-interval") { line, exporter throws(Finding) in
            try line.assign(&exporter.templateIntervalSeconds, line.number("seconds", in: 1...86_400))
        },
        .refused("export-protocol", hint: "records are sent as IPFIX (RFC 7011)"),
    ])

    private static func transport(
        _ transport: FlowExporterSettings.Transport, _ line: inout LineReader, _ exporter: inout FlowExporterDraft
    ) throws(Finding) {
        let port: UInt16 =
            line.isAtEnd ? FlowExporterSettings.defaultPort : try line.number("a port", in: 1...UInt16.max)
        try line.assign(&exporter.transport, FlowExporterDraft.Transport(transport: transport, port: port))
    }
}

/// The statements of a `flow monitor` block.
enum FlowMonitorStatements {
    static let table = StatementTable<FlowMonitorDraft>([
        .line("description|desc") { line, monitor throws(Finding) in
            try line.assign(&monitor.description, line.freeText("a description"))
        },
        .line("exporter") { line, monitor throws(Finding) in
            try assign(line.name("a flow exporter"), to: &monitor.exporter, line)
        },
        .line("cache", "timeout", "active") { line, monitor throws(Finding) in
            try line.assign(&monitor.activeTimeoutSeconds, line.number("seconds", in: timeoutRange))
        },
        .line("cache", "timeout", "inactive") { line, monitor throws(Finding) in
            try line.assign(&monitor.inactiveTimeoutSeconds, line.number("seconds", in: timeoutRange))
        },
        .line("cache", "entries") { line, monitor throws(Finding) in
            try line.assign(
                &monitor.cacheEntries, line.number("flows", in: 16...FlowMonitorSettings.mostCacheEntries))
        },
        .line("sampling", "1", "out-of") { line, monitor throws(Finding) in
            try line.assign(&monitor.samplingInterval, line.number("packets", in: 1...65_535))
        },
        .refused("record", hint: "all records have the same fields"),
    ])

    /// Notes a name with its own place, where a diagnostic about it points.
    static func assign(
        _ name: Located<String>, to setting: inout Located<String>?, _ line: LineReader
    ) throws(Finding) {
        if let earlier = setting, earlier.value != name.value { throw line.contradiction(of: earlier.range) }
        setting = setting ?? name
    }

    /// A week.
    private static let timeoutRange: ClosedRange<UInt32> = 1...604_800
}
