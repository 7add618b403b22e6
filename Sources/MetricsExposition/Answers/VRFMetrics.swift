import ControlProtocol

extension MetricsText {
    /// VRFs: their numbers, labels, routes and memory. Their packets are those of their interfaces, which have the label `vrf`.
    public mutating func write(_ result: VRFsResult) {
        let vrfs = result.vrfs
        gauge(
            "stile_vrf_info", "A VRF's number in flow records and its route distinguisher; always 1.",
            vrfs.map {
                MetricSample(
                    ["vrf": $0.name, "number": "\($0.number)", "rd": $0.routeDistinguisher?.description], 1)
            })
        gauge(
            "stile_vrf_routes", "Routes in a VRF's forwarding table.",
            vrfs.flatMap {
                [
                    MetricSample(["vrf": $0.name, "family": "ipv4"], $0.ipv4Routes),
                    MetricSample(["vrf": $0.name, "family": "ipv6"], $0.ipv6Routes),
                ]
            })
        gauge(
            "stile_vrf_waiting_routes", "Routes of a VRF for which the tables have no room.",
            vrfs.map { MetricSample(["vrf": $0.name], $0.waitingRoutes) })
        gauge(
            "stile_vrf_labels", "Labels that neighbors on NNIs reach a VRF by.",
            vrfs.map { MetricSample(["vrf": $0.name], $0.labels.count) })
        gauge(
            "stile_vrf_route_memory_bytes", "Memory that a VRF's routes take.",
            vrfs.map { MetricSample(["vrf": $0.name], $0.routeMemoryBytes) })
        gauge(
            "stile_vrf_reserved_route_memory_bytes", "Memory for routes that is kept for a VRF.",
            vrfs.map { MetricSample(["vrf": $0.name], $0.reservedRouteMemoryBytes) })
        gauge(
            "stile_vrf_maximum_routes", "The most routes of a VRF; only of VRFs with 'maximum routes'.",
            vrfs.compactMap { vrf in vrf.maximumRoutes.map { MetricSample(["vrf": vrf.name], UInt64($0)) } })
        gauge(
            "stile_vrf_counted_routes", "Routes of a VRF that count against 'maximum routes'.",
            vrfs.compactMap { vrf in vrf.countedRoutes.map { MetricSample(["vrf": vrf.name], $0) } })
        gauge(
            "stile_vrf_maximum_labels",
            "The most labels of a VRF's routes; only where routes have labels of their own.",
            vrfs.compactMap { vrf in vrf.maximumLabels.map { MetricSample(["vrf": vrf.name], $0) } })
        gauge(
            "stile_vrf_route_labels", "Labels of a VRF's routes, in use and in quarantine.",
            vrfs.compactMap { vrf in vrf.routeLabels.map { MetricSample(["vrf": vrf.name], $0) } })
    }
}
