import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Packets that meet entries with `log`, and the records that a worker hands out of them.
@Suite struct AccessLogTests {
    /// What a record says, for comparison.
    private struct Logged: Hashable {
        var hits: UInt32
        var packets: UInt64
        var counter: UInt16 = 41
        var direction = STILE_ACCESS_LOG_IN.rawValue
        var source: [UInt8] = [10, 1, 0, 77]
        var destination: [UInt8] = [10, 2, 0, 9]
        var ports: [UInt16] = [7, 2_222]
        var protocolNumber: UInt8 = 17
        var family: UInt8 = 4
    }

    private let lab: Lab
    private let collector = RecordCollector<stile_access_log_record>()

    init() throws { lab = try Lab() }

    /// The circuit 41 with a list in one direction: entry 0 denies UDP to port 2222, entry 1 permits the rest.
    private func install(logs: [Bool], direction: stile_access_log_direction = STILE_ACCESS_LOG_IN) throws {
        let rules = [
            ServicePlan.Rule(permits: false, protocolNumber: 17, destinationPorts: 2_222...2_222),
            ServicePlan.Rule(permits: true),
        ]
        let list = try lab.writer.accessLists.add(
            family: 4,
            rules: zip(rules, logs).enumerated().map { number, pair in
                var record = pair.0.record(hits: UInt32(number))
                record.logs = pair.1 ? 1 : 0
                return record
            })
        var services = stile_services()
        if direction == STILE_ACCESS_LOG_IN {
            services.access_list_in_ipv4 = list
            try lab.install(services, ingress: UInt8(STILE_INGRESS_ACCESS_LIST.rawValue), egress: 0, counter: 41)
        } else {
            services.access_list_out_ipv4 = list
            try lab.install(services, ingress: 0, egress: UInt8(STILE_EGRESS_ACCESS_LIST.rawValue), counter: 41)
        }
    }

    private func run(
        from source: UInt32 = 0x0A01_004D, to destination: UInt32 = 0x0A02_0009, ports: [UInt16] = [7, 2_222],
        counter: UInt16 = 41, count: Int = 1
    ) {
        let header: [UInt8] = ports.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        let payload = header + [0, 12, 0, 0, 1, 2, 3, 4]
        let packet = PacketBuilder.ipv4(source: source, destination: destination, payload: payload)
        let port = LabPlan.circuits.first { $0.counter == counter }?.port ?? 0
        let frame = PacketBuilder.circuitFrame(counter: counter, packet: packet)
        var left = count
        while left > 0 {
            _ = lab.run(Array(repeating: (port, frame), count: min(left, Burst.capacity)))
            left -= Burst.capacity
        }
    }

    private func logged() -> [Logged] {
        WorkerState.endAccessLog(lab.worker, collector.ring)
        return taken()
    }

    private func taken() -> [Logged] {
        collector.take().map { record in
            let width = record.family == 4 ? 4 : 16
            return Logged(
                hits: record.hits, packets: record.packets, counter: record.counter,
                direction: UInt32(record.direction),
                source: withUnsafeBytes(of: record.source) { Array($0.prefix(width)) },
                destination: withUnsafeBytes(of: record.destination) { Array($0.prefix(width)) },
                ports: [record.source_port, record.destination_port], protocolNumber: record.protocol,
                family: record.family)
        }
    }

    @Test func `packets of a flow are one record, and only those of entries that log`() throws {
        try install(logs: [true, false])
        run(count: 100)
        run(ports: [7, 80], count: 5)
        #expect(lab.drops(.accessListDenied, counter: 41) == 100)
        #expect(logged() == [Logged(hits: 0, packets: 100)])
        #expect(logged() == [])
        run(count: 2)
        #expect(logged() == [Logged(hits: 0, packets: 2)])
        #expect(lab.statistics.pointee.access_log_missed == 0)
    }

    @Test func `permitted packets are logged too, and flows apart by their ports`() throws {
        try install(logs: [true, true])
        for port: UInt16 in [80, 80, 443] { run(ports: [9, port]) }
        #expect(
            Set(logged()) == [
                Logged(hits: 1, packets: 2, ports: [9, 80]), Logged(hits: 1, packets: 1, ports: [9, 443]),
            ])
    }

    @Test func `a list of the packets that leave says so`() throws {
        try install(logs: [true, true], direction: STILE_ACCESS_LOG_OUT)
        run(from: 0x0A02_0009, to: 0x0A01_0005, counter: 42)
        #expect(
            logged() == [
                Logged(
                    hits: 0, packets: 1, direction: STILE_ACCESS_LOG_OUT.rawValue, source: [10, 2, 0, 9],
                    destination: [10, 1, 0, 5])
            ])
    }

    /// More flows than there is room for: those without room are counted, and nothing is counted twice.
    @Test func `a flood costs records and not the count`() throws {
        try install(logs: [true, true])
        for flow in 0..<4_000 as Range<UInt32> { run(from: 0x0A01_1000 + flow, count: 3) }
        let records = logged()
        #expect(records.count >= 32 && records.count <= 64)
        #expect(Set(records.map(\.packets)) == [3])
        #expect(UInt64(records.count * 3) + lab.statistics.pointee.access_log_missed == 12_000)
    }

    /// The sweep hands out a bank every four milliseconds, all of them in a quarter of a second.
    @Test func `what was logged leaves within a quarter of a second`() throws {
        try install(logs: [true, true])
        run(count: 4)
        #expect(lab.worker.pointee.needsTime)
        let now: UInt64 = 1_700_000_000_000
        for passed in 0..<256 as Range<UInt64> {
            lab.worker.pointee.milliseconds = now + passed
            WorkerState.sweepAccessLog(lab.worker, collector.ring)
        }
        #expect(taken() == [Logged(hits: 0, packets: 4)])
        #expect(!lab.worker.pointee.needsTime)
    }

    @Test func `with a full ring a flow goes on being counted`() throws {
        try install(logs: [true, true])
        collector.fill()
        run(count: 2)
        WorkerState.endAccessLog(lab.worker, collector.ring)
        run(count: 3)
        _ = collector.take()
        #expect(logged() == [Logged(hits: 0, packets: 5)])
    }
}
