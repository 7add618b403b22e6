import CTableLayout
import ForwardingTables
import PacketFormats
import Pipeline
import Testing

/// Packets through the pipeline, and the flow records that come of them.
@Suite struct FlowMeterTests {
    /// What a record says, for comparison.
    private struct Flow: Hashable {
        var status: UInt8
        var packets: UInt64 = 1
        var octets: UInt64
        var ingress: UInt16
        var egress: UInt16 = 0
        var vrf: UInt16 = 1
        var family: UInt8 = 4
    }

    private let lab: Lab
    private let collector = RecordCollector<stile_flow_record>()

    init() throws {
        lab = try Lab()
        try meter(1)
        lab.worker.pointee.milliseconds = 1_700_000_000_000
    }

    private func meter(_ vrf: UInt16, sampling: UInt32 = 1) throws {
        try lab.writer.flows.setMetering(
            FlowMetering(
                samplingInterval: sampling, cacheEntries: 100, activeMilliseconds: 60_000,
                inactiveMilliseconds: 1_000), ofVRF: vrf)
    }

    private func flows() -> Set<Flow> {
        #expect(WorkerState.endFlows(lab.worker, collector.ring) == 0)
        let records = collector.take()
        let flows = Set(
            records.map {
                Flow(
                    status: $0.status, packets: $0.packets, octets: $0.octets, ingress: $0.ingress,
                    egress: $0.egress, vrf: $0.vrf, family: $0.family)
            })
        #expect(flows.count == records.count)
        return flows
    }

    private func packet(to destination: UInt32, timeToLive: UInt8 = 64, bytes: Int = 44) -> [UInt8] {
        PacketBuilder.ipv4(
            source: 0x0A01_0005, destination: destination, timeToLive: timeToLive,
            payload: [UInt8](repeating: 7, count: bytes - 20))
    }

    private func circuit(_ packet: [UInt8], counter: UInt16 = 41) -> (port: UInt16, octets: [UInt8]) {
        let port = LabPlan.circuits.first { $0.counter == counter }?.port ?? 0
        return (port, PacketBuilder.circuitFrame(counter: counter, packet: packet))
    }

    @Test(arguments: [
        (UInt32(0x0A02_0001), UInt8(64), 44, UInt8(66), UInt16(42)),  // forwarded to a circuit
        (0x0A03_0001, 64, 44, 66, 11),  // forwarded to an NNI
        (0x0A03_0001, 64, 1_498, 65, 11),  // forwarded in fragments
        (0xCB00_7101, 64, 44, 131, 0),  // no route, with an ICMP error in its place
        (0x0A02_0001, 1, 44, 137, 0),  // TTL, with an ICMP error in its place
        (0x0A09_0001, 64, 44, 132, 0),  // a route to Null0
        (0x0A06_0001, 64, 44, 132, 0),  // an adjacency of another VRF
        (0xE000_0005, 64, 44, 131, 0),  // multicast
        (0x0A01_0001, 64, 44, 195, 0),  // the box's own address
        (0x0A01_0901, 64, 44, 194, 0),  // a next hop that is not resolved
    ])
    func fate(destination: UInt32, timeToLive: UInt8, bytes: Int, status: UInt8, egress: UInt16) {
        let frame = circuit(packet(to: destination, timeToLive: timeToLive, bytes: bytes))
        // The first burst is measured stage by stage, the second is not.
        for _ in 0..<2 {
            _ = lab.run([frame])
            #expect(flows() == [Flow(status: status, octets: UInt64(bytes), ingress: 41, egress: egress)])
        }
    }

    @Test func `both families and all ways in count in their VRF`() throws {
        try meter(2)
        let source: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]
        let destination: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]
        let ipv6 = PacketBuilder.ipv6(source: source, destination: destination)
        let labelled = PacketBuilder.labelledFrame(nni: 0, label: 1_002, packet: ipv6)
        let expired = PacketBuilder.labelledFrame(nni: 0, label: 1_001, timeToLive: 1, packet: packet(to: 0x0A01_0009))
        _ = lab.run([(0, labelled), (0, labelled), (0, expired), circuit(packet(to: 0x0A03_0001))])
        #expect(
            flows() == [
                Flow(status: 66, packets: 2, octets: 128, ingress: 12, egress: 43, vrf: 2, family: 6),
                Flow(status: 137, octets: 44, ingress: 11), Flow(status: 66, octets: 44, ingress: 41, egress: 11),
            ])
    }

    /// To a circuit, to an NNI whole and in fragments, from NNI to NNI, and dropped.
    @Test func `a flow has the label that it leaves with`() throws {
        try meter(2)
        let marked = PacketBuilder.ipv4(
            source: 0x0A01_0005, destination: 0x0A03_0001, trafficClass: 0xB8,
            payload: [UInt8](repeating: 7, count: 1_478))
        let transit = PacketBuilder.labelledFrame(nni: 0, label: 1_002, packet: packet(to: 0x0A04_0009))
        for _ in 0..<2 {
            _ = lab.run([
                circuit(packet(to: 0x0A02_0001)), circuit(packet(to: 0x0A03_0001)), circuit(marked), (0, transit),
                circuit(packet(to: 0xCB00_7101)),
            ])
            #expect(WorkerState.endFlows(lab.worker, collector.ring) == 0)
            let left = collector.take().map { record -> String in
                let entry = LabelStackEntry(rawValue: record.egress_label_stack_entry)
                let label = entry.rawValue == 0 ? "" : " \(entry.label)-\(entry.trafficClass)-\(entry.isBottomOfStack)"
                return "\(record.ingress) to \(record.egress) of \(record.egress_vrf)\(label)"
            }
            #expect(
                Set(left) == [
                    "41 to 42 of 1", "41 to 11 of 1 5001-0-true", "41 to 11 of 1 5001-5-true",
                    "12 to 22 of 2 6002-0-true", "41 to 0 of 0",
                ])
        }
    }

    @Test func `a flow has the label that it came in with, whatever it leaves with`() throws {
        // To a circuit, dropped, expired; the second burst is not measured stage by stage.
        let frames = [UInt32(0x0A01_0009), 0xCB00_7101].map {
            (port: UInt16(0), octets: PacketBuilder.labelledFrame(nni: 0, label: 1_001, packet: packet(to: $0)))
        }
        let expired = PacketBuilder.labelledFrame(nni: 0, label: 1_001, timeToLive: 1, packet: packet(to: 0x0A01_0009))
        for _ in 0..<2 {
            _ = lab.run(frames + [(0, expired), circuit(packet(to: 0x0A03_0001))])
            #expect(WorkerState.endFlows(lab.worker, collector.ring) == 0)
            let labels = collector.take().reduce(into: [UInt16: Set<UInt32>]()) {
                $0[$1.ingress, default: []].insert($1.label_stack_entry >> 12)
            }
            #expect(labels == [11: [1_001], 41: [0]])
        }
    }

    @Test func `a packet that a route map gave to another VRF counts in the one that it came in by`() throws {
        var plan = ServicePlan(services: [41: .init()])
        plan.routeMaps[41] = [ServicePlan.RouteMapEntry(instance: 1, otherwise: .vrf(2))]
        try lab.install(plan)
        // The second burst is not measured stage by stage.
        for _ in 0..<2 {
            _ = lab.run([circuit(packet(to: 0x0A02_0009))])
            #expect(WorkerState.endFlows(lab.worker, collector.ring) == 0)
            let records = collector.take()
            #expect(records.map(\.vrf) == [1] && records.map(\.egress_vrf) == [2])
            #expect(records.map(\.ingress) == [41] && records.map(\.egress) == [45])
        }
    }

    @Test func `what belongs to no metered VRF is in no flow`() {
        var broken = packet(to: 0x0A03_0001)
        broken[10] ^= 1
        let arp: [UInt8] = [UInt8](repeating: 0xFF, count: 6) + LabPlan.neighborMAC(counter: 41) + [8, 6]
        _ = lab.run([
            (0, PacketBuilder.labelledFrame(nni: 0, label: 1_009, packet: packet(to: 0x0A01_0009))),
            (0, PacketBuilder.labelledFrame(nni: 0, label: 1_002, packet: packet(to: 0x0A01_0009))),
            circuit(packet(to: 0x0A01_0009), counter: 45), circuit(broken), (2, arp + [UInt8](repeating: 0, count: 46)),
            (0, PacketBuilder.labelledFrame(nni: 0, label: 1_001, timeToLive: 1, packet: broken)),
        ])
        _ = lab.inject([(1, packet(to: 0x0A03_0001))])
        #expect(flows().isEmpty)
        #expect(lab.statistics.pointee.flow_packets == 0)
    }

    /// Nothing is behind the label, and the outer header's length and family are not the packet's.
    @Test func `a tunnelled packet that the label check refuses is in no flow`() {
        for source in [[192, 168, 7, 7], LabPlan.tunnelPeer(0xF7)] as [[UInt8]] {
            let frame = PacketBuilder.tunnelFrame(
                nni: 3, from: source, stack: PacketBuilder.octets(3001 << 12 | 0x101))
            // The first burst is measured stage by stage, the second is not.
            for _ in 0..<2 { #expect(lab.run([(5, frame)]).first?.verdict == .drop(.labelTTLExpired)) }
        }
        #expect(flows().isEmpty)
        #expect(lab.statistics.pointee.flow_packets == 0)
    }

    @Test func `a packet that finds the queue full counts as dropped, an ICMP error is not its packet`() {
        _ = lab.run([
            circuit(packet(to: 0x0A03_0001)), circuit(packet(to: 0x0A03_0001)), circuit(packet(to: 0xCB00_7101)),
        ])
        // The lab's ports took everything; as if they had taken one packet of each port.
        for port: UInt16 in [0, 2] {
            let gathered = Transmit.gather(lab.worker, port: port)
            Transmit.settle(lab.worker, count: gathered, sent: port == 0 ? 1 : 0, otherwise: .transmitQueueFull)
        }
        #expect(
            flows() == [
                Flow(status: 66, octets: 44, ingress: 41, egress: 11), Flow(status: 143, octets: 44, ingress: 41),
                Flow(status: 131, octets: 44, ingress: 41),
            ])
    }

    @Test func `one packet out of four, of both families together`() throws {
        try meter(1, sampling: 4)
        for _ in 0..<10 { _ = lab.run([circuit(packet(to: 0x0A03_0001)), circuit(packet(to: 0x0A03_0001))]) }
        #expect(flows() == [Flow(status: 66, packets: 5, octets: 220, ingress: 41, egress: 11)])
        #expect(lab.statistics.pointee.flow_packets == 5)
    }

    @Test func `flows end by time-outs and when metering does`() throws {
        func sweep(after milliseconds: UInt64) -> [stile_flow_record] {
            for _ in 0..<600 {
                lab.worker.pointee.milliseconds += 1
                WorkerState.sweepFlows(lab.worker, collector.ring)
            }
            lab.worker.pointee.milliseconds += milliseconds - 600
            return collector.take()
        }
        _ = lab.run([circuit(packet(to: 0x0A03_0001))])
        #expect(sweep(after: 900).isEmpty)
        _ = lab.run([circuit(packet(to: 0x0A03_0001))])
        #expect(sweep(after: 1_000).isEmpty)
        #expect(sweep(after: 600).map(\.end_reason) == [UInt8(STILE_FLOW_IDLE_TIMEOUT.rawValue)])
        _ = lab.run([circuit(packet(to: 0x0A03_0001))])
        try lab.writer.flows.setMetering(nil, ofVRF: 1)
        #expect(lab.worker.pointee.needsTime)
        #expect(sweep(after: 600).map(\.end_reason) == [UInt8(STILE_FLOW_FORCED_END.rawValue)])
        #expect(!lab.worker.pointee.needsTime)
        _ = lab.run([circuit(packet(to: 0x0A03_0001))])
        #expect(flows().isEmpty)
    }
}
