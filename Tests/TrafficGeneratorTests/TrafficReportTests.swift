import Addressing
import ControlProtocol
import Foundation
import Testing
import TrafficGenerator

@Suite struct TrafficReportTests {
    private func report(_ verdict: TrafficReport.Verdict = .done, driver: String = "net_ring") throws -> TrafficReport {
        var device = SimulatedDevice(capacityPacketsPerSecond: 900_000)
        var search = LossRatioSearch(
            goals: [
                SearchGoal(
                    name: "NDR", lossRatio: 0, finalTrialSeconds: 1, durationSumSeconds: 1, exceedRatio: 0,
                    relativeWidth: 0.5, initialTrialSeconds: 1)
            ], minimumPacketsPerSecond: 1000, maximumPacketsPerSecond: 1e6)
        var trials: [TrialResult] = []
        try search.run(on: &device) { result, _ in trials.append(result) }
        return TrafficReport(
            command: "ndr", takenAt: Timestamp(secondsSince1970: 1_700_000_000), verdict: verdict,
            environment: BenchmarkEnvironment(
                processorModel: "a processor", logicalProcessors: 2, cyclesPerSecond: 2_600_000_000, kernel: "6.1.0",
                swiftVersion: "6.3", dpdkVersion: "DPDK 22.11.11", freeHugepageMegabytes: 0, framesInHugepages: false,
                gitCommit: "0123abcd", commandLine: ["stile-traffic", "ndr"],
                devices: [.init(name: "a", device: "net_ring0", driver: driver, isInMemory: driver == "net_ring")]),
            profile: TrafficProfile(streams: [
                StreamProfile(
                    name: "one", vrf: "one", family: .ipv4, destinations: [try #require(IPPrefix("10.1.0.0/24"))],
                    sources: [try #require(IPPrefix("192.0.2.1/32"))])
            ]), search: search.results, trials: trials)
    }

    @Test func theDocumentIsTheGoldenOne() throws {
        let document = try report().json()
        #expect(
            String(decoding: document, as: UTF8.self) == String(decoding: try fixture("report.json"), as: UTF8.self))
    }

    @Test func theDocumentSaysWhatTheFiguresAreWorth() throws {
        #expect(try report().notes.contains(TrafficReport.noNIC))
        #expect(try !report(driver: "net_ice").notes.contains(TrafficReport.noNIC))
        let limited = try report(.generatorLimited)
        #expect(limited.notes.contains { $0.hasPrefix("generator-limited") })
        #expect(limited.verdict.exitCode == .generatorLimited)
        #expect(limited.text(.plain).contains("note: generator-limited"))
    }

    @Test func theTextIsATable() throws {
        let lines = try report().text(.plain).split(separator: "\n")
        #expect(lines[0].hasPrefix("goal"))
        #expect(lines[1].hasPrefix("NDR"))
        #expect(lines[1].contains("0.9000"))
    }

    @Test func theTextSaysTheLatencyAtHalfTheNDR() throws {
        var report = try report()
        #expect(!report.text(.plain).contains("half"))
        report.halfLoad = TrialResult(
            input: TrialInput(loadPacketsPerSecond: 450_000, durationSeconds: 1), transmitSeconds: 1, unsentPackets: 0,
            foreignPackets: 0, answeredNeighborRequests: 0, isGeneratorLimited: false, wasInterrupted: false,
            streams: [],
            latency: LatencySummary(
                samples: 450_000, minimumNanoseconds: 1000, medianNanoseconds: 2500, percentile99Nanoseconds: 3000,
                percentile999Nanoseconds: 40_100, maximumNanoseconds: 50_000, meanNanoseconds: 2600))
        #expect(
            report.text(.plain).contains(
                "at half the NDR, 0.4500 Mpps: latency median 2.5 us, 99.9 % 40.1 us, loss 100.0000 %\n"))
    }

    @Test func thePlotShowsEveryTrial() throws {
        let report = try report()
        let plot = try #require(report.plot)
        #expect(plot.series[0].points.count == report.trials.count)
        #expect(plot.svg.hasPrefix("<svg"))
        #expect(plot.svg.contains("no NIC"))
        #expect(plot.svg.components(separatedBy: "<circle").count == report.trials.count + 1)
    }

    @Test func aPlotOfNothingOrOfOddNumbersIsStillOne() {
        for points in [[], [LinePlot.Point(x: 0, y: 0)], [LinePlot.Point(x: .nan, y: .infinity)]] as [[LinePlot.Point]]
        {
            let plot = LinePlot(
                title: "a < b & c", xTitle: "x", yTitle: "y", series: [.init(name: "n", points: points)])
            #expect(plot.svg.contains("a &lt; b &amp; c"))
            #expect(!plot.svg.contains("nan"))
        }
    }

    @Test func exitCodesOfErrorsAreTheDocumentedOnes() {
        let table: [(TrafficError.Code, TrafficExitCode)] = [
            (.invalidProfile, .invalidInput), (.invalidCapture, .invalidInput), (.invalidOptions, .usage),
            (.noDaemon, .noDaemon), (.noLink, .noLink), (.interrupted, .interrupted), (.nothingToSend, .failed),
            (.environment, .failed), (.device, .failed), (.output, .failed),
        ]
        #expect(Set(table.map(\.0)) == Set(TrafficError.Code.allCases))
        for (code, exitCode) in table { #expect(TrafficError(code, "").exitCode == exitCode) }
        #expect(TrafficExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 8, 9, 130])
    }
}
