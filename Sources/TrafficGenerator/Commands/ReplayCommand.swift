import ArgumentParser
import Foundation

/// `stile-traffic replay FILE.pcap`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Sends the frames of a capture file, at its own pace or at a fixed rate.")

    @OptionGroup var device: DeviceOptions

    @Argument(help: "A pcap file with link type Ethernet.")
    var file: String

    @Option(help: "Frames a second, such as 10kpps; the capture's own pace otherwise.")
    var rate: String?

    @Option(help: "How many times as fast as it was captured.")
    var speed = 1.0

    @Option(help: "How often the file is sent.")
    var rounds = 1

    func validate() throws {
        guard !device.devices.isEmpty else { throw ValidationError("--device says where to send it") }
        guard (0.001...1_000_000).contains(speed) else {
            throw ValidationError("--speed \(speed): expected 0.001 or more")
        }
        guard (1...1_000_000_000).contains(rounds) else {
            throw ValidationError("--rounds \(rounds): expected 1 or more")
        }
        _ = try pace()
    }

    private func pace() throws -> ReplayPace {
        guard let rate else { return .captured(speed: speed) }
        guard case .packetsPerSecond(let value)? = RateText(rate)?.rate else {
            throw ValidationError("--rate \(rate): expected frames a second, such as 10kpps")
        }
        return .packetsPerSecond(value)
    }

    func run() throws {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
            throw TrafficError(.invalidCapture, "cannot read '\(file)': \(error.localizedDescription)")
        }
        let capture = try CaptureFile(octets: data)
        let session = try TrafficSession(device, names: device.devices.map { DeviceName($0) })
        defer { session.close() }
        guard let first = session.devices.first else { throw TrafficError(.device, "there is no device") }
        session.say("\(capture.frames.count) frames, \(rounds) times")
        let result = Replay(capture: capture, pace: try pace(), rounds: rounds).run(
            by: first, receivingOn: session.devices, drainSeconds: device.drainSeconds, stop: session.stop)
        let verdict: TrafficReport.Verdict = result.wasInterrupted ? .interrupted : .done
        try session.finish(
            TrafficReport(
                command: "replay", takenAt: TrafficSession.now, verdict: verdict, environment: session.environment,
                replay: result))
        if verdict != .done { throw ExitCode(verdict.exitCode.rawValue) }
    }
}
