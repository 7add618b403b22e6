import ControlProtocol

extension MetricsText {
    /// What exporters have sent since they were configured or stiled started.
    public mutating func write(_ result: FlowExportersResult) {
        let exporters = result.exporters
        counter(
            "stile_flow_discarded_records",
            "Flow records of VRFs that have no exporter any more, or that made no sense.",
            [MetricSample([:], result.discardedRecords)])
        gauge(
            "stile_flow_exporter_up", "Whether flow records can be sent to the collector now.",
            exporters.map { MetricSample(["exporter": $0.name], $0.isReady) })
        gauge(
            "stile_flow_exporter_waiting_flows", "Flows that wait for the collector.",
            exporters.map { MetricSample(["exporter": $0.name], $0.waitingFlows) })
        let counters: [(name: String, help: String, value: (FlowExporterStatus) -> UInt64)] = [
            ("flows", "Flows that were sent to the collector.", \.exportedFlows),
            ("messages", "IPFIX messages that were sent.", \.messages),
            ("bytes", "Octets of IPFIX messages that were sent.", \.bytes),
            ("lost_flows", "Flows that were given up.", \.lostFlows),
            ("send_errors", "IPFIX messages that could not be sent.", \.sendErrors),
            ("connection_failures", "Connections to the collector that failed.", \.connectionFailures),
        ]
        for (name, help, value) in counters {
            counter(
                "stile_flow_exporter_\(name)", help,
                exporters.map { MetricSample(["exporter": $0.name], value($0)) })
        }
    }

    /// The workers' flow caches.
    public mutating func write(_ result: FlowMonitorsResult) {
        let caches = result.caches
        gauge(
            "stile_flow_cache_flows", "Flows in a worker's cache.",
            caches.map { MetricSample(["worker": "\($0.worker)"], $0.activeFlows) })
        let counters: [(name: String, help: String, value: (FlowCacheStatus) -> UInt64)] = [
            ("packets", "Packets of metered VRFs that sampling has chosen.", \.meteredPackets),
            ("full_packets", "Chosen packets whose flows found no room in the cache.", \.cacheFullPackets),
            ("records", "Flow records that were handed to stiled.", \.records),
            (
                "ring_full", "How often a record had to wait since stiled had not taken those before it.",
                \.ringFullTimes
            ),
            ("lost_records", "Flow records that nobody took before the data plane stopped.", \.lostRecords),
        ]
        for (name, help, value) in counters {
            counter(
                "stile_flow_cache_\(name)", help,
                caches.map { MetricSample(["worker": "\($0.worker)"], value($0)) })
        }
    }
}
