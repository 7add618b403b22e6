import Addressing

/// The statements outside of blocks about FRR beside the box.
enum RoutingEngineStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "fpm", "port",
            help: "the port of 127.0.0.1 where FRR's zebra says by which labels its IGP or LDP reaches PEs",
            example: "fpm port 2620",
            prints: .line(rank: 6) { $0.routingEngine.map { "fpm port \($0.port)" } }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.routingEngine.port, line.number("a TCP port", in: 1...65_535))
        },
        .line(
            "fpm", "hold-time", help: "how long what FRR has said holds when it is gone, in seconds",
            example: "fpm hold-time 300",
            prints: .line(rank: 7) {
                seconds("hold-time", $0.routingEngine?.holdTimeSeconds, RoutingEngineSettings.defaultHoldTimeSeconds)
            }
        ) { line, draft throws(Finding) in
            try line.assign(
                &draft.routingEngine.holdTimeSeconds, line.number("seconds", in: RoutingEngineSettings.timeRange))
        },
        .line(
            "fpm", "refresh-time", help: "how long FRR has to say everything again when it is back, in seconds",
            example: "fpm refresh-time 60",
            prints: .line(rank: 7) {
                seconds(
                    "refresh-time", $0.routingEngine?.refreshTimeSeconds,
                    RoutingEngineSettings.defaultRefreshTimeSeconds)
            }
        ) { line, draft throws(Finding) in
            try line.assign(
                &draft.routingEngine.refreshTimeSeconds, line.number("seconds", in: RoutingEngineSettings.timeRange))
        },
        .line(
            "fpm", "implicit-null", "ipv4",
            help: "a PE, or several, on the link itself: FRR's route there needs no label",
            example: "fpm implicit-null ipv4 10.0.0.3/32", prints: .lines(rank: 8) { prefixes($0, .ipv4) }
        ) { line, draft throws(Finding) in
            draft.routingEngine.implicitNull.append(try line.prefix(family: .ipv4))
        },
        .line(
            "fpm", "implicit-null", "ipv6", help: "the same for IPv6",
            example: "fpm implicit-null ipv6 2001:db8:ff::3/128", prints: .lines(rank: 8) { prefixes($0, .ipv6) }
        ) { line, draft throws(Finding) in
            draft.routingEngine.implicitNull.append(try line.prefix(family: .ipv6))
        },
    ]

    private static func seconds(_ word: String, _ seconds: UInt32?, _ usual: UInt32) -> String? {
        seconds.flatMap { $0 == usual ? nil : "fpm \(word) \($0)" }
    }

    private static func prefixes(_ configuration: Configuration, _ family: AddressFamily) -> [String] {
        (configuration.routingEngine?.implicitNull ?? []).filter { $0.family == family }
            .map { "fpm implicit-null \(family.keyword) \($0)" }
    }
}
