import Addressing

/// `metrics`: whether and where a Prometheus server may read the box's counters.
enum MetricsStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "metrics", "listen", help: "where counters are shown to Prometheus, for whoever reaches that address",
            example: "metrics listen 192.0.2.10 port 9500", prints: .line(rank: 9, listening)
        ) { line, draft throws(Finding) in
            let address = try line.address("an address of the machine")
            let port: UInt16 =
                line.take("port") ? try line.number("a TCP port", in: 1...65_535) : MetricsSettings.defaultPort
            try line.assign(&draft.metrics, .listen(address, port: port))
        },
        .line(
            "metrics", "off", help: "counters are shown to nobody but by 'stile'", example: "metrics off",
            prints: .line("metrics off", rank: 9) { $0.metrics == nil }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.metrics, .off)
        },
    ]

    /// What holds anyway is not said.
    @Sendable
    private static func listening(_ configuration: Configuration) -> String? {
        guard let settings = configuration.metrics, settings != MetricsSettings() else { return nil }
        let port = settings.port == MetricsSettings.defaultPort ? "" : " port \(settings.port)"
        return "metrics listen \(settings.address)\(port)"
    }
}
