import Configuration
import ControlProtocol
import MetricsExposition
import NIOCore
import Pipeline

extension ControlPlane {
    /// What `show` says, in Prometheus' words. Each answer is read as `stile` is given it, a portion in a turn of the event
    /// loop, and put into words beside it. An answer that cannot be given, as that of a data plane that has never run, leaves
    /// its metrics out.
    nonisolated func metricsText() async -> ByteBuffer {
        var text = MetricsText()
        if let status = try? await ShowStatus().answer(by: self) { text.write(status) }
        text.write(ProcessUsage())
        if let ports = try? await ShowPorts().answer(by: self) { text.write(ports) }
        var vrfs: [String: String] = [:]
        if let result = try? await ShowInterfaces().answer(by: self) {
            text.write(result)
            for interface in result.interfaces { vrfs[interface.name] = interface.vrf }
        }
        if let drops = try? await ShowDrops().answer(by: self) {
            text.write(drops, reasons: Self.droppingReasons, vrfs: vrfs)
        }
        if let result = try? await ShowVRFs().answer(by: self) { text.write(result) }
        if let summary = try? await ShowBGPSummary().answer(by: self) { text.write(summary) }
        if let policies = try? await ShowPolicyMap().answer(by: self) { text.write(policies) }
        text.write(await accessListEntries())
        if let pipeline = try? await ShowPipeline().answer(by: self) { text.write(pipeline) }
        if let exporters = try? await ShowFlowExporters().answer(by: self) { text.write(exporters) }
        if let monitors = try? await ShowFlowMonitors().answer(by: self) { text.write(monitors) }
        return text.buffer
    }

    /// All entries, a page at a time.
    private nonisolated func accessListEntries() async -> [AccessListEntryStatus] {
        var entries: [AccessListEntryStatus] = []
        var page = Page()
        while let result = try? await ShowAccessLists(page: page).answer(by: self) {
            entries += result.entries
            guard let next = result.nextCursor else { break }
            page.cursor = next
        }
        return entries
    }

    /// Those of the data plane.
    private static let droppingReasons = DropReason.allCases.map { DroppingReason($0.identifier, DropClass($0)) }
}
