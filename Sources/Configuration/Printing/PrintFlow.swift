import Addressing

extension FlowExporterSettings {
    var section: ConfigurationSection {
        var lines: [String] = []
        if let description { lines.append(" description \(printed(freeText: description))") }
        lines.append(" destination \(destination)")
        if let source { lines.append(" source \(source)") }
        if transport != .udp || port != Self.defaultPort { lines.append(" transport \(transport.rawValue) \(port)") }
        if templateIntervalSeconds != Self.defaultTemplateIntervalSeconds {
            lines.append(" template-interval \(templateIntervalSeconds)")
        }
        return ConfigurationSection("flow exporter \(name)", lines)
    }
}

extension FlowMonitorSettings {
    var section: ConfigurationSection {
        var lines: [String] = []
        if let description { lines.append(" description \(printed(freeText: description))") }
        lines.append(" exporter \(exporter)")
        if activeTimeoutSeconds != Self.defaultActiveTimeoutSeconds {
            lines.append(" cache timeout active \(activeTimeoutSeconds)")
        }
        if inactiveTimeoutSeconds != Self.defaultInactiveTimeoutSeconds {
            lines.append(" cache timeout inactive \(inactiveTimeoutSeconds)")
        }
        if cacheEntries != Self.defaultCacheEntries { lines.append(" cache entries \(cacheEntries)") }
        if samplingInterval != 1 { lines.append(" sampling 1 out-of \(samplingInterval)") }
        return ConfigurationSection("flow monitor \(name)", lines)
    }
}
