import CTableLayout
import Configuration
import FlowExport
import ForwardingTables
import Logging
import NIOCore

/// The exporters that are configured, and which of them the flows of each VRF go to.
final class FlowExporters {
    private(set) var exporters: [String: FlowExporter] = [:]
    /// Records of VRFs that have no exporter any more, or that made no sense.
    private(set) var discardedRecords: UInt64 = 0

    private let eventLoop: any EventLoop
    private let logger: Logger
    /// By VRF number. When a VRF is no longer metered, its exporter stays for the flows that end by it.
    private var exporterOfVRF: [UInt16: String] = [:]

    /// One for the whole box: interfaces and VRFs have the same numbers in all that it observes.
    fileprivate static let observationDomain: UInt32 = 1

    /// How many records are taken from each ring at once.
    private static let burst = 512

    init(eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// UTC, for the headers of messages; it wraps in 2106 (RFC 7011 §3.1).
    private var exportSeconds: UInt32 { UInt32(truncatingIfNeeded: WallClock.secondsSince1970) }

    /// Takes what the data plane has handed out. Nobody waits for a record: `true` if there were many of them, which is a
    /// reason to hurry.
    func poll(_ reader: DataplaneReader?, into control: ControlSegment) -> Bool {
        guard let reader else { return false }
        var records: [stile_flow_record] = []
        let skipped = reader.drainFlows(into: control, limitPerWorker: Self.burst) { records.append($0) }
        if skipped > 0 { logger.warning("a flow ring's index made no sense: its records are skipped") }
        if !records.isEmpty { send(records) }
        return records.count >= Self.burst
    }

    /// Brings the exporters to configuration and plan. One whose settings stay the same goes on with its session.
    func apply(_ configuration: Configuration, plan: ForwardingPlan) {
        exporterOfVRF = exporterOfVRF.filter { configuration.flowExporters[$0.value] != nil }
        let names = observedNames(configuration, plan: plan)
        for (name, exporter) in exporters where configuration.flowExporters[name]?.collector != exporter.settings {
            _ = exporter.stop(exportSeconds: exportSeconds)
            exporters[name] = nil
        }
        for (name, settings) in configuration.flowExporters {
            let observed = names[name] ?? ObservedNames()
            if let exporter = exporters[name] {
                exporter.setNames(observed, exportSeconds: exportSeconds)
            } else {
                exporters[name] = FlowExporter(
                    settings: settings.collector, names: observed, eventLoop: eventLoop)
            }
        }
    }

    /// By exporter: the metered VRFs that send there, with their interfaces. The selector of a VRF's packets has the VRF's
    /// number.
    private func observedNames(_ configuration: Configuration, plan: ForwardingPlan) -> [String: ObservedNames] {
        var names: [String: ObservedNames] = [:]
        for (name, vrf) in plan.vrfs {
            guard let monitor = configuration.flowMonitor(ofVRF: name) else { continue }
            exporterOfVRF[vrf.number.rawValue] = monitor.exporter
            names[monitor.exporter, default: ObservedNames()].vrfs[UInt32(vrf.number.rawValue)] = name
            names[monitor.exporter]?.samplingIntervals[UInt32(vrf.number.rawValue)] = monitor.samplingInterval
        }
        for interface in plan.interfaces.values {
            guard let vrf = interface.vrf, let monitor = configuration.flowMonitor(ofVRF: vrf) else { continue }
            names[monitor.exporter]?.interfaces[UInt32(interface.number.rawValue)] = interface.name
        }
        return names
    }

    /// Hands records of the data plane to the exporters of their VRFs.
    private func send(_ records: [stile_flow_record]) {
        var flows: [String: [MeteredFlow]] = [:]
        for record in records {
            if let name = exporterOfVRF[record.vrf], let flow = MeteredFlow(record) {
                flows[name, default: []].append(flow)
            } else {
                discardedRecords &+= 1
            }
        }
        for (name, flows) in flows { exporters[name]?.send(flows, exportSeconds: exportSeconds) }
    }

    /// To be called once a second; `now` is of a clock that only goes forward.
    func advance(now: Duration) {
        for exporter in exporters.values { exporter.advance(now: now, exportSeconds: exportSeconds) }
    }

    /// Sends what waits, and closes.
    func stop() -> EventLoopFuture<Void> {
        let closings = exporters.values.map { $0.stop(exportSeconds: exportSeconds) }
        exporters = [:]
        return EventLoopFuture.andAllComplete(closings, on: eventLoop)
    }
}

extension FlowExporterSettings {
    fileprivate var collector: CollectorSettings {
        CollectorSettings(
            destination: destination, port: port,
            transport: transport == .tcp ? .tcp : .udp(templateIntervalSeconds: templateIntervalSeconds),
            source: source, observationDomain: FlowExporters.observationDomain)
    }
}

extension Configuration {
    /// How a VRF's flows are metered; `nil`: not at all.
    func flowMonitor(ofVRF name: String) -> FlowMonitorSettings? {
        vrfs[name]?.flowMonitor.flatMap { flowMonitors[$0] }
    }
}
