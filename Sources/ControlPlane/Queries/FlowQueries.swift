import ControlProtocol

extension ControlPlane {
    /// `show.flow.exporters`.
    func flowExportersResult() -> FlowExportersResult {
        let statuses = configuration.flowExporters.values.sorted { $0.name < $1.name }.map { settings in
            let exporter = flowExporters.exporters[settings.name]
            let counters = exporter?.counters
            return FlowExporterStatus(
                name: settings.name, destination: settings.destination, port: settings.port,
                transport: settings.transport.rawValue, source: settings.source, isReady: exporter?.isReady ?? false,
                problem: exporter?.problem, exportedFlows: counters?.flows ?? 0, messages: counters?.messages ?? 0,
                bytes: counters?.octets ?? 0, waitingFlows: UInt64(clamping: exporter?.waitingFlows ?? 0),
                lostFlows: counters?.lostFlows ?? 0, sendErrors: counters?.sendErrors ?? 0,
                connectionFailures: counters?.connectionFailures ?? 0)
        }
        return FlowExportersResult(
            takenAt: takenAt, exporters: statuses, discardedRecords: flowExporters.discardedRecords)
    }

    /// `show.flow.monitors`.
    func flowMonitorsResult() -> FlowMonitorsResult {
        let monitors = configuration.flowMonitors.values.sorted { $0.name < $1.name }.map { settings in
            FlowMonitorStatus(
                name: settings.name, exporter: settings.exporter,
                vrfs: configuration.vrfsInOrder.filter { $0.flowMonitor == settings.name }.map(\.name),
                activeTimeoutSeconds: settings.activeTimeoutSeconds,
                inactiveTimeoutSeconds: settings.inactiveTimeoutSeconds, cacheEntries: settings.cacheEntries,
                samplingInterval: settings.samplingInterval)
        }
        let caches = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { index in
            dataplane.reader?.worker(index).map { worker in
                FlowCacheStatus(
                    worker: index, activeFlows: worker.flows, meteredPackets: worker.flow_packets,
                    cacheFullPackets: worker.flow_cache_full, records: worker.flow_records,
                    ringFullTimes: worker.flow_ring_full, lostRecords: worker.flow_records_lost)
            }
        }
        return FlowMonitorsResult(takenAt: takenAt, monitors: monitors, caches: caches)
    }
}
