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
        text.write(totals: await droppedPackets())
        var vrfs: [String: String] = [:]
        if let result = try? await ShowInterfaces().answer(by: self) {
            text.write(result)
            for interface in result.interfaces { vrfs[interface.name] = interface.vrf }
        }
        if let drops = try? await ShowDrops().answer(by: self) {
            text.write(drops, vrfs: vrfs)
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

    /// What the whole box has dropped, by reason. Names that are out of use have their counters still, so that it never falls when
    /// an interface goes.
    private nonisolated func droppedPackets() async -> [DropCount] {
        var packets = [UInt64](repeating: 0, count: DropReason.allCases.count)
        for portion in await countersEverUsed.portions(of: interfacesAtOnce) {
            for (index, count) in await droppedPackets(of: portion).enumerated() { packets[index] &+= count }
        }
        let counted = zip(DropReason.allCases, packets).map { reason, packets in
            DropCount(reason: reason.identifier, dropClass: DropClass(reason), packets: packets)
        }
        return await counted + ownDropCounts
    }

    /// Of interfaces and ports, and of what belongs to none.
    private var countersEverUsed: [UInt16] { [0] + numbers.interfaces.numbers.values.map { UInt16(clamping: $0) } }

    private var ownDropCounts: [DropCount] { counters.dropCounts }

    private func droppedPackets(of counters: ArraySlice<UInt16>) -> [UInt64] {
        let shown = operatorCounters.shown
        var packets = [UInt64](repeating: 0, count: DropReason.allCases.count)
        for counter in counters {
            let drops = shown.counters(ofInterface: counter).drops
            for (index, reason) in DropReason.allCases.enumerated() { packets[index] &+= drops[Int(reason.rawValue)] }
        }
        return packets
    }
}
