import Foundation
import Testing
import TrafficGenerator

/// The real program over DPDK's ring device, which receives what it sends.
@Suite(.serialized) struct LoopbackTests {
    private static let machine = [
        "--device", "net_ring0", "--memory-megabytes", "64", "--eal", "--no-huge --no-pci", "--drain", "0.2",
    ]

    private func profile(_ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        let streams = """
            {"schema": "stile.traffic.profile/1", "streams": [
             {"name": "in", "labels": [1001], "destinations": ["10.1.0.0/24"], "sources": ["192.0.2.0/24"],
              "frame_bytes": "imix", "rate": {"packets_per_second": 2000}},
             {"name": "out", "vlans": [30], "destinations": ["2001:db8:1::/48"], "sources": ["2001:db8:2::/64"],
              "rate": {"packets_per_second": 1000}}]}
            """
        try Data(streams.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    private func report(_ process: TrafficProcess) throws -> TrafficReport {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(TrafficReport.self, from: process.standardOutput)
    }

    @Test func whatIsSentComesBackInOrder() throws {
        try profile { file in
            let process = try TrafficProcess(
                ["run", "--profile", file, "--duration", "1", "--warm-up", "0", "--json"] + Self.machine)
            // A busy machine may keep the generator from its pace: then it says so.
            #expect([0, 8].contains(process.exitCode), "\(process.standardError)")
            let trial = try #require(report(process).trials.first)
            #expect(trial.streams.map(\.name) == ["in", "out"])
            for stream in trial.streams {
                #expect(stream.offeredPackets > 0)
                #expect(stream.receivedPackets + stream.refusedPackets == stream.offeredPackets)
                #expect(stream.reorderedPackets == 0)
                #expect(stream.duplicatePackets == 0)
                #expect(stream.latency?.samples == stream.receivedPackets)
            }
        }
    }

    @Test func aSearchEndsWithATrialAtHalfOfWhatItFound() throws {
        try profile { file in
            let process = try TrafficProcess(
                [
                    "ndr", "--profile", file, "--warm-up", "0", "--json", "--max-rate", "2kpps", "--trial-duration",
                    "0.2", "--duration-sum", "0.2", "--exceed-ratio", "0", "--max-trials", "20", "--latency-duration",
                    "0.3",
                ] + Self.machine)
            #expect([0, 8].contains(process.exitCode), "\(process.standardError)")
            let report = try report(process)
            #expect(report.trials.count <= 20)
            let bound = try #require(report.search?.first).relevantLowerBoundPacketsPerSecond
            #expect(report.halfLoad?.input.loadPacketsPerSecond == bound.map { $0 / 2 })
            if let half = report.halfLoad {
                #expect(half.latency?.samples == half.receivedPackets)
                #expect(half.receivedPackets > 0)
            }
        }
    }

    @Test func anAttackThatComesBackHasLeaked() throws {
        try profile { file in
            // Every frame comes back, and what the attack sends comes back too: it has leaked.
            let process = try TrafficProcess(
                [
                    "attack", "--profile", file, "--duration", "0.3", "--share", "50", "--warm-up", "0", "--json",
                ] + Self.machine)
            #expect(process.exitCode == 9, "\(process.standardError)")
            let attack = try #require(report(process).attack?.first)
            #expect(attack.leakedTotal > 0)
            #expect(attack.leakedTotal <= attack.attackOfferedPackets)
        }
    }

    @Test func usageAndInputErrorsHaveTheirCodes() throws {
        #expect(try TrafficProcess(["run"]).exitCode == 2)
        #expect(try TrafficProcess(["ndr", "--profile", "x", "--device", "y", "--width", "0"]).exitCode == 2)
        #expect(try TrafficProcess(["run", "--profile", "/nonexistent.json", "--device", "net_ring0"]).exitCode == 3)
        #expect(try TrafficProcess(["replay", "/nonexistent.pcap", "--device", "net_ring0"]).exitCode == 3)
        #expect(try TrafficProcess(["run", "--from-socket", "/nonexistent.sock"]).exitCode == 4)
        #expect(try TrafficProcess(["--help"]).exitCode == 0)
    }

    @Test func aDeviceThatIsNotThereIsNamed() throws {
        try profile { file in
            let process = try TrafficProcess(
                [
                    "run", "--profile", file, "--device", "net_af_packet0,iface=nonexistent0", "--memory-megabytes",
                    "64", "--eal", "--no-huge --no-pci", "--warm-up", "0",
                ])
            #expect(process.exitCode == 1)
            #expect(process.standardError.contains("net_af_packet0,iface=nonexistent0"))
        }
    }
}
