import Addressing

/// Exporters know where to send to; monitors name existing exporters.
struct FlowCheck: ConfigurationCheck {
    private let exporters: [String: FlowExporterDraft]
    private let monitors: [String: FlowMonitorDraft]
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        exporters = text.draft.flowExporters
        monitors = text.draft.flowMonitors
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        for (name, exporter) in exporters {
            report.record(.flowExporter(name), at: exporter.declared)
            // References to an exporter without a destination must not be reported as well, so it stays in the model.
            configuration.flowExporters[name] = check(exporter, name: name)
        }
        for (name, monitor) in monitors {
            report.record(.flowMonitor(name), at: monitor.declared)
            configuration.flowMonitors[name] = check(monitor, name: name)
        }
    }

    private func check(_ exporter: FlowExporterDraft, name: String) -> FlowExporterSettings {
        if exporter.destination == nil, !damaged.contains(.flowExporter(name)) {
            report(
                .incompleteFlowExporter, "flow exporter '\(name)' has no destination", at: exporter.declared,
                hint: "add 'destination ADDRESS'")
        }
        var result = FlowExporterSettings(
            name: name, destination: exporter.destination?.value ?? .ipv4(IPv4Address(rawValue: 0)))
        if let source = exporter.source, let destination = exporter.destination,
            source.value.family != destination.value.family
        {
            report(
                .sourceOfOtherFamily, "an address of this family does not reach \(destination.value)",
                at: source.range, hint: "give both addresses of one family")
        }
        result.description = exporter.description?.value
        result.source = exporter.source?.value
        result.transport = exporter.transport?.value.transport ?? .udp
        result.port = exporter.transport?.value.port ?? FlowExporterSettings.defaultPort
        if let interval = exporter.templateIntervalSeconds {
            result.templateIntervalSeconds = interval.value
            if result.transport == .tcp {
                report(
                    .conflictingStatement, "over TCP templates are sent once", at: interval.range,
                    hint: "leave out the line 'template-interval'")
            }
        }
        return result
    }

    private func check(_ monitor: FlowMonitorDraft, name: String) -> FlowMonitorSettings {
        if let exporter = monitor.exporter {
            if exporters[exporter.value] == nil {
                report.undefined(
                    .undefinedFlowExporter, "flow exporter", exporter.value, at: exporter.range,
                    defined: exporters.keys, definition: "flow exporter \(exporter.value)")
            }
        } else if !damaged.contains(.flowMonitor(name)) {
            report(
                .incompleteFlowMonitor, "flow monitor '\(name)' has no exporter: its records would go nowhere",
                at: monitor.declared, hint: "add 'exporter NAME'")
        }
        var result = FlowMonitorSettings(name: name, exporter: monitor.exporter?.value ?? "")
        result.description = monitor.description?.value
        if let seconds = monitor.activeTimeoutSeconds { result.activeTimeoutSeconds = seconds.value }
        if let seconds = monitor.inactiveTimeoutSeconds { result.inactiveTimeoutSeconds = seconds.value }
        if let entries = monitor.cacheEntries { result.cacheEntries = entries.value }
        if let interval = monitor.samplingInterval { result.samplingInterval = interval.value }
        return result
    }
}
