import Addressing
import FlowExport
import NIOCore
import NIOPosix
import Testing

@Suite struct FlowExporterTests {
    private static let flow = MeteredFlow(
        source: .ipv4(IPv4Address(rawValue: 1)), destination: .ipv4(IPv4Address(rawValue: 2)), protocolNumber: 17,
        trafficClass: 0, sourcePort: 1, destinationPort: 2, tcpControlBits: 0, ingressInterface: 1,
        egressInterface: 2, vrf: 1, egressVRF: 1, forwardingStatus: 66, packets: 1, octets: 100, startMilliseconds: 1,
        endMilliseconds: 2, endReason: 1)

    private static func settings(_ transport: CollectorSettings.Transport, port: UInt16) -> CollectorSettings {
        CollectorSettings(
            destination: .ipv4(IPv4Address(rawValue: 0x7F00_0001)), port: port, transport: transport, source: nil,
            observationDomain: 1)
    }

    @Test func `what waits is bounded, and what does not fit is counted`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let eventLoop = group.next()
        let (waiting, lost, lostInTheEnd) = try await eventLoop.submit {
            // Port 9 is never connected to: nothing advances the exporter.
            let exporter = FlowExporter(
                settings: Self.settings(.tcp, port: 9), names: ObservedNames(), eventLoop: eventLoop)
            let batch = Array(repeating: Self.flow, count: 10_000)
            for _ in 0..<7 { exporter.send(batch, exportSeconds: 1) }
            let (waiting, lost) = (exporter.waitingFlows, exporter.counters.lostFlows)
            _ = exporter.stop(exportSeconds: 1)
            return (waiting, lost, exporter.counters.lostFlows)
        }.get()
        #expect(waiting == FlowExporter.longestBacklog)
        #expect(lost == UInt64(70_000 - FlowExporter.longestBacklog))
        #expect(lostInTheEnd == 70_000)
    }

    @Test func `a collector that refuses is tried again later`() async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        // A port that was just free; nobody listens there.
        let free = try await ServerBootstrap(group: eventLoop).bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(free.localAddress?.port ?? 0)
        try await free.close()
        let exporter = try await eventLoop.submit {
            NIOLoopBound(
                FlowExporter(settings: Self.settings(.tcp, port: port), names: ObservedNames(), eventLoop: eventLoop),
                eventLoop: eventLoop)
        }.get()
        func failures(at now: Duration) async throws -> UInt64 {
            try await eventLoop.submit { exporter.value.advance(now: now, exportSeconds: 1) }.get()
            for _ in 0..<100 {
                let count = try await eventLoop.submit { exporter.value.counters.connectionFailures }.get()
                if count > 0, now == .zero { return count }
                if count > 1 { return count }
                try await Task.sleep(for: .milliseconds(10))
                if now == .milliseconds(500) { break }
            }
            return try await eventLoop.submit { exporter.value.counters.connectionFailures }.get()
        }
        #expect(try await failures(at: .zero) == 1)
        #expect(try await failures(at: .milliseconds(500)) == 1)
        #expect(try await failures(at: .seconds(1)) == 2)
        let problem = try await eventLoop.submit { exporter.value.problem }.get()
        #expect(problem != nil)
    }
}
