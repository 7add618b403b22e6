import Addressing

/// `logging host`: where the log is sent.
enum LoggingStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "logging", "host", help: "a collector that the log is sent to as syslog",
            example: "logging host 192.0.2.20 port 1514 transport tcp",
            prints: .lines(rank: 9) { $0.logCollectors.map(text) }
        ) { line, draft throws(Finding) in
            let address = try line.address("the address of the collector")
            var settings = LogCollectorSettings(address: address.value)
            if line.take("port") { settings.port = try line.number("a port", in: 1...65_535) }
            if line.take("transport") { settings.transport = try line.choose(["udp": .udp, "tcp": .tcp]) }
            draft.logCollectors.append(Located(value: settings, range: address.range))
        }
    ]

    /// UDP and its port are not said.
    @Sendable
    private static func text(_ settings: LogCollectorSettings) -> String {
        var text = "logging host \(settings.address)"
        if settings.port != LogCollectorSettings.defaultPort { text += " port \(settings.port)" }
        if settings.transport != .udp { text += " transport \(settings.transport.rawValue)" }
        return text
    }
}
