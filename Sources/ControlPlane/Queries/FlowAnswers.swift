import CTableLayout
import ControlProtocol
import ForwardingTables

extension ShowFlowExporters: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> FlowExportersResult {
        let exporters = plane.flowExporters
        let statuses = plane.configuration.flowExporters.values.sorted { $0.name < $1.name }.map { settings in
            let exporter = exporters.exporters[settings.name]
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
            takenAt: .now, exporters: statuses, discardedRecords: exporters.discardedRecords)
    }
}

extension ShowFlowMonitors: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> FlowMonitorsResult {
        var vrfs: [String: [String]] = [:]
        for vrf in plane.index.vrfs { if let monitor = vrf.flowMonitor { vrfs[monitor, default: []].append(vrf.name) } }
        let monitors = plane.configuration.flowMonitors.values.sorted { $0.name < $1.name }.map { settings in
            FlowMonitorStatus(
                name: settings.name, exporter: settings.exporter,
                vrfs: vrfs[settings.name] ?? [],
                activeTimeoutSeconds: settings.activeTimeoutSeconds,
                inactiveTimeoutSeconds: settings.inactiveTimeoutSeconds, cacheEntries: settings.cacheEntries,
                samplingInterval: settings.samplingInterval)
        }
        let counters = plane.operatorCounters.shown
        let caches = counters.workers.map { index, worker in
            let shown = counters.baselines.flowCache(index, FlowCacheCounters(worker))
            return FlowCacheStatus(
                worker: index, activeFlows: worker.flows, meteredPackets: shown.meteredPackets,
                cacheFullPackets: shown.cacheFullPackets, records: shown.records,
                ringFullTimes: shown.ringFullTimes, lostRecords: shown.lostRecords)
        }
        return FlowMonitorsResult(takenAt: .now, monitors: monitors, caches: caches)
    }
}

extension ClearFlowMonitors: PromptlyAnswered {
    /// What the workers hold of the VRFs that a monitor meters is exported now.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> FlowsEndedResult {
        let configuration = plane.configuration
        if let name, configuration.flowMonitors[name] == nil {
            throw ControlError(.noSuchObject, "there is no flow monitor \(name)")
        }
        let metered = plane.index.vrfs.map(\.name).filter { vrf in
            configuration.flowMonitor(ofVRF: vrf).map { name == nil || $0.name == name } ?? false
        }
        for vrf in metered.compactMap({ plane.plan.vrfs[$0] }) {
            do {
                try plane.tables.writer.flows.end(ofVRF: vrf.number.rawValue, milliseconds: stile_wall_milliseconds())
            } catch {
                throw ControlError(.internalError, "\(error)")
            }
        }
        return FlowsEndedResult(
            clearedAt: .now, vrfs: metered,
            activeFlows: plane.operatorCounters.shown.workers.reduce(0) { $0 &+ $1.worker.flows })
    }
}

extension ClearFlowCounters: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> CountersClearedResult {
        let counters = plane.operatorCounters
        let workers = counters.shown.workers.map { (index: $0.index, counters: FlowCacheCounters($0.worker)) }
        counters.clearFlowCaches(workers)
        let exporters = plane.flowExporters.exporters.values
        for exporter in exporters { exporter.clearCounters() }
        return CountersClearedResult(clearedAt: .now, counters: workers.count + exporters.count)
    }
}

extension ShownCounters {
    /// The workers' records, by index.
    fileprivate var workers: [(index: Int, worker: stile_worker)] {
        (0..<(reader?.workerCount ?? 0)).compactMap { index in reader?.worker(index).map { (index, $0) } }
    }
}
