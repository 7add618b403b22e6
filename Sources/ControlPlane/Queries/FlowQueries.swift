import CTableLayout
import ControlProtocol
import ForwardingTables

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
                vrfs: index.vrfs.filter { $0.flowMonitor == settings.name }.map(\.name),
                activeTimeoutSeconds: settings.activeTimeoutSeconds,
                inactiveTimeoutSeconds: settings.inactiveTimeoutSeconds, cacheEntries: settings.cacheEntries,
                samplingInterval: settings.samplingInterval)
        }
        let caches = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { index in
            dataplane.reader?.worker(index).map { worker in
                let counters = baselines.flowCache(index, FlowCacheCounters(worker))
                return FlowCacheStatus(
                    worker: index, activeFlows: worker.flows, meteredPackets: counters.meteredPackets,
                    cacheFullPackets: counters.cacheFullPackets, records: counters.records,
                    ringFullTimes: counters.ringFullTimes, lostRecords: counters.lostRecords)
            }
        }
        return FlowMonitorsResult(takenAt: takenAt, monitors: monitors, caches: caches)
    }

    /// `clear.flow.monitors`: what the workers hold of the VRFs that a monitor meters is exported now.
    func clearFlowMonitors(_ query: FlowMonitorQuery) throws(ControlError) -> FlowsEndedResult {
        if let name = query.name, configuration.flowMonitors[name] == nil {
            throw ControlError(.noSuchObject, "there is no flow monitor \(name)")
        }
        let metered = index.vrfs.map(\.name).filter { vrf in
            configuration.flowMonitor(ofVRF: vrf).map { query.name == nil || $0.name == query.name } ?? false
        }
        for vrf in metered.compactMap({ plan.vrfs[$0] }) {
            do {
                try tables.writer.endFlows(ofVRF: vrf.number, milliseconds: stile_wall_milliseconds())
            } catch {
                throw ControlError(.internalError, "\(error)")
            }
        }
        let workers = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { dataplane.reader?.worker($0) }
        return FlowsEndedResult(
            clearedAt: takenAt, vrfs: metered, activeFlows: workers.reduce(0) { $0 &+ $1.flows })
    }

    /// `clear.flow.counters`.
    func clearFlowCounters() -> CountersClearedResult {
        let workers = (0..<(dataplane.reader?.workerCount ?? 0)).compactMap { index in
            dataplane.reader?.worker(index).map { (index, FlowCacheCounters($0)) }
        }
        for (index, counters) in workers { baselines.clearFlowCache(index, counters) }
        saveBaselines()
        let exporters = flowExporters.exporters.values
        for exporter in exporters { exporter.clearCounters() }
        return CountersClearedResult(clearedAt: takenAt, counters: workers.count + exporters.count)
    }
}
