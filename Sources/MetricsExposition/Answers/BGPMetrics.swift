import ControlProtocol

extension MetricsText {
    /// The sessions, and how many routes they carry.
    public mutating func write(_ result: BGPSummaryResult) {
        let neighbors = result.neighbors
        gauge(
            "stile_bgp_neighbor_info", "Whom a session is with, and its state; always 1.",
            neighbors.map {
                MetricSample(
                    [
                        "neighbor": $0.address.description, "vrf": $0.vrf, "remote_as": "\($0.remoteAutonomousSystem)",
                        "state": $0.state.rawValue, "description": $0.description,
                    ], 1)
            })
        func of(_ neighbor: BGPNeighborSummary) -> KeyValuePairs<String, String?> {
            ["neighbor": neighbor.address.description, "vrf": neighbor.vrf]
        }
        gauge(
            "stile_bgp_session_up", "Whether a session is established.",
            neighbors.map { MetricSample(of($0), $0.state == .established) })
        gauge(
            "stile_bgp_session_shutdown", "Whether a session is down because the configuration says so.",
            neighbors.map { MetricSample(of($0), $0.state == .shutdown) })
        gauge(
            "stile_bgp_session_changed_time_seconds",
            "When a session came up or was lost, in seconds since 1970; 0 if it has never been up.",
            neighbors.map { MetricSample(of($0), Double($0.stateChangedAt?.secondsSince1970 ?? 0)) })
        counter(
            "stile_bgp_sessions_established",
            "How often a session has come up since it was configured or stiled started.",
            neighbors.map { MetricSample(of($0), $0.sessionsEstablished) })
        counter(
            "stile_bgp_receive_messages", "BGP messages from a neighbor.",
            neighbors.map { MetricSample(of($0), $0.rxMessages) })
        counter(
            "stile_bgp_transmit_messages", "BGP messages to a neighbor.",
            neighbors.map { MetricSample(of($0), $0.txMessages) })
        let gauges: [(name: String, help: String, value: (BGPFamilyCounts) -> Int?)] = [
            ("received_routes", "Routes held from a neighbor.", \.receivedRoutes),
            ("imported_routes", "Routes held from a neighbor that are in at least one VRF.", \.importedRoutes),
            (
                "not_kept_routes", "Routes received in this session that no VRF takes.",
                { Int(clamping: $0.notKeptRoutes) }
            ),
            ("advertised_routes", "Routes that a neighbor is told.", \.advertisedRoutes),
            ("maximum_prefixes", "The most routes that a neighbor may announce.", \.maximumPrefixes),
        ]
        for (name, help, value) in gauges {
            gauge(
                "stile_bgp_\(name)", help,
                neighbors.flatMap { neighbor in
                    neighbor.families.compactMap { family in
                        value(family).map {
                            MetricSample(
                                [
                                    "neighbor": neighbor.address.description, "vrf": neighbor.vrf,
                                    "family": family.family.rawValue,
                                ], $0)
                        }
                    }
                })
        }
        gauge(
            "stile_bgp_family_disabled", "Whether nothing of a family counts, since its routes could not be read.",
            neighbors.flatMap { neighbor in
                neighbor.families.map {
                    MetricSample(
                        [
                            "neighbor": neighbor.address.description, "vrf": neighbor.vrf,
                            "family": $0.family.rawValue,
                        ], $0.state == .disabled)
                }
            })
    }
}
