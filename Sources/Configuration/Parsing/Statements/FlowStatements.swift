import Addressing

extension FlowExporterDraft: StatementSubject {
    typealias Printed = FlowExporterSettings
}

/// The statements of a `flow exporter` block.
enum FlowExporterStatements {
    static let table = StatementTable<FlowExporterDraft>([
        .line(
            "description|desc", help: "a text for people", example: "description the collector in the office",
            prints: .line { $0.description.map { "description \(printed(freeText: $0))" } }
        ) { line, exporter throws(Finding) in
            try line.assign(&exporter.description, line.freeText("a description"))
        },
        .line(
            "destination", help: "where records are sent", example: "destination 192.0.2.1",
            prints: .line { "destination \($0.destination)" }
        ) { line, exporter throws(Finding) in
            try line.assign(&exporter.destination, line.address("the address of the collector").value)
        },
        .line(
            "source", help: "the address that records come from", example: "source 192.0.2.9",
            prints: .line { $0.source.map { "source \($0)" } }
        ) { line, exporter throws(Finding) in
            try line.assign(&exporter.source, line.address("an address of this box").value)
        },
        .line(
            "transport", "udp", help: "send over UDP, to a port", example: "transport udp 2055",
            prints: .lines(transport)
        ) { line, exporter throws(Finding) in try transport(.udp, &line, &exporter) },
        .line(
            "transport", "tcp", help: "send over TCP, to a port", example: "transport tcp 4740",
            prints: .like("transport tcp 4740")
        ) { line, exporter throws(Finding) in try transport(.tcp, &line, &exporter) },
        .line(
            "template-interval", help: "seconds after which templates are sent again over UDP",
            example: "template-interval 60",
            prints: .line {
                $0.templateIntervalSeconds == FlowExporterSettings.defaultTemplateIntervalSeconds
                    ? nil : "template-interval \($0.templateIntervalSeconds)"
            }
        ) { line, exporter throws(Finding) in
            try line.assign(&exporter.templateIntervalSeconds, line.number("seconds", in: 1...86_400))
        },
        .refused("export-protocol", hint: "records are sent as IPFIX (RFC 7011)"),
    ])

    /// UDP to its default port is not said.
    @Sendable
    private static func transport(_ exporter: FlowExporterSettings) -> [String] {
        guard exporter.transport != .udp || exporter.port != FlowExporterSettings.defaultPort else { return [] }
        return ["transport \(exporter.transport.rawValue) \(exporter.port)"]
    }

    private static func transport(
        _ transport: FlowExporterSettings.Transport, _ line: inout LineReader, _ exporter: inout FlowExporterDraft
    ) throws(Finding) {
        let port: UInt16 =
            line.isAtEnd ? FlowExporterSettings.defaultPort : try line.number("a port", in: 1...UInt16.max)
        try line.assign(&exporter.transport, FlowExporterDraft.Transport(transport: transport, port: port))
    }
}

extension FlowMonitorDraft: StatementSubject {
    typealias Printed = FlowMonitorSettings
}

/// The statements of a `flow monitor` block.
enum FlowMonitorStatements {
    static let table = StatementTable<FlowMonitorDraft>([
        .line(
            "description|desc", help: "a text for people", example: "description all customers",
            prints: .line { $0.description.map { "description \(printed(freeText: $0))" } }
        ) { line, monitor throws(Finding) in
            try line.assign(&monitor.description, line.freeText("a description"))
        },
        .line(
            "exporter", help: "the flow exporter that sends its records", example: "exporter office",
            prints: .line { "exporter \($0.exporter)" }
        ) { line, monitor throws(Finding) in
            try line.assign(&monitor.exporter, line.name("a flow exporter"))
        },
        .line(
            "cache", "timeout", "active", help: "seconds after which a flow that goes on is reported",
            example: "cache timeout active 120",
            prints: .line {
                $0.activeTimeoutSeconds == FlowMonitorSettings.defaultActiveTimeoutSeconds
                    ? nil : "cache timeout active \($0.activeTimeoutSeconds)"
            }
        ) { line, monitor throws(Finding) in
            try line.assign(&monitor.activeTimeoutSeconds, line.number("seconds", in: timeoutRange))
        },
        .line(
            "cache", "timeout", "inactive", help: "seconds without a packet after which a flow has ended",
            example: "cache timeout inactive 30",
            prints: .line {
                $0.inactiveTimeoutSeconds == FlowMonitorSettings.defaultInactiveTimeoutSeconds
                    ? nil : "cache timeout inactive \($0.inactiveTimeoutSeconds)"
            }
        ) { line, monitor throws(Finding) in
            try line.assign(&monitor.inactiveTimeoutSeconds, line.number("seconds", in: timeoutRange))
        },
        .line(
            "cache", "entries", help: "how many flows a worker keeps", example: "cache entries 1024",
            prints: .line {
                $0.cacheEntries == FlowMonitorSettings.defaultCacheEntries ? nil : "cache entries \($0.cacheEntries)"
            }
        ) { line, monitor throws(Finding) in
            try line.assign(
                &monitor.cacheEntries, line.number("flows", in: 16...FlowMonitorSettings.mostCacheEntries))
        },
        .line(
            "sampling", "1", "out-of", help: "meter one packet of so many", example: "sampling 1 out-of 100",
            prints: .line { $0.samplingInterval == 1 ? nil : "sampling 1 out-of \($0.samplingInterval)" }
        ) { line, monitor throws(Finding) in
            try line.assign(&monitor.samplingInterval, line.number("packets", in: 1...65_535))
        },
        .refused("record", hint: "all records have the same fields"),
    ])

    /// A week.
    private static let timeoutRange: ClosedRange<UInt32> = 1...604_800
}
