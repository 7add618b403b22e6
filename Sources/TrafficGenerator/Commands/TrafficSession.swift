import CDPDKShim
import ControlProtocol
import Dataplane
import Foundation

/// What every command does around its measurement: reads the streams, starts DPDK, opens the devices, shows progress,
/// writes the report.
final class TrafficSession {
    let options: DeviceOptions
    let stop = StopRequest()
    private(set) var devices: [GeneratorDevice] = []
    private let framesInHugepages: Bool
    private let progress: ProgressLine

    /// Opens the devices.
    init(_ options: DeviceOptions, names: [DeviceName]) throws {
        self.options = options
        progress = ProgressLine(isQuiet: options.quiet)
        guard !names.isEmpty else { throw TrafficError(.invalidOptions, "there is no device: --device names one") }
        guard Set(names.map(\.name)).count == names.count else {
            throw TrafficError(.invalidOptions, "two devices have the same name")
        }
        // Before any other thread begins: they inherit that the signals are blocked.
        Self.passOnSignals(to: stop)
        let arguments = EnvironmentArguments(
            memoryMegabytes: options.memoryMegabytes, freeHugepageMegabytes: HugepageMemory.freeMegabytes(),
            hasPCI: Environment.hasPCI(), processors: Environment.allowedProcessors(),
            // Not a directory: a word that no data plane and no other generator has.
            runtimeDirectory: "stile-traffic \(getpid())",
            operatorArguments: options.eal.split(separator: " ").map(String.init))
        framesInHugepages = arguments.usesHugepages
        do { try Environment.start(arguments) } catch {
            throw TrafficError(.environment, error.message, hint: error.hint)
        }
        if let core = options.core, stile_thread_pin(core) != 0 {
            throw TrafficError(.environment, "cannot run on processor \(core)")
        }
        for (index, name) in names.enumerated() {
            say("opening \(name.name): \(name.device)")
            devices.append(
                try GeneratorDevice(name, mtuBytes: options.mtuBytes, linkSeconds: options.linkSeconds, index: index))
        }
    }

    private static func passOnSignals(to stop: StopRequest) {
        _ = StopSignals()
        Thread.detachNewThread {
            let signals = StopSignals()
            while signals.wait(milliseconds: 1000) == nil {}
            stop.ask()
        }
    }

    func close() {
        for device in devices { device.close() }
        devices = []
        Environment.stop()
    }

    func say(_ text: String) { progress.say(text) }

    var environment: BenchmarkEnvironment { .current(devices: devices, framesInHugepages: framesInHugepages) }

    /// A generator for these streams.
    func generator(_ profile: TrafficProfile, _ options: StreamOptions) throws -> Generator {
        var settings = GeneratorSettings(stop: stop)
        settings.drainSeconds = options.device.drainSeconds
        settings.mtuBytes = options.device.mtuBytes
        settings.lineRateBitsPerSecond = options.lineRate
        settings.seed = options.seed
        settings.lagLimitSeconds = options.lagLimit / 1000
        let progress = progress
        return try Generator(profile: profile, devices: devices, settings: settings) { progress.show($0) }
    }

    /// Slow traffic whose results nobody sees: the device under test resolves its next hops.
    func warmUp(_ generator: Generator, seconds: Double) throws {
        guard seconds > 0 else { return }
        let load = max(1000, 20 * Double(generator.profile.streams.count))
        say("warm-up: \(seconds) s")
        let result = try generator.measure(TrialInput(loadPacketsPerSecond: load, durationSeconds: seconds))
        if result.wasInterrupted { throw TrafficError(.interrupted, "interrupted") }
        if result.receivedPackets == 0 {
            say("warm-up: of \(result.offeredPackets) packets none came back")
        }
    }

    /// Writes the report where it is wanted and ends the program with its verdict's exit code.
    func finish(_ report: TrafficReport) throws {
        do {
            if let file = options.outputFile { try report.json().write(to: URL(fileURLWithPath: file)) }
            if let file = options.plotFile, let plot = report.plot {
                try Data(plot.svg.utf8).write(to: URL(fileURLWithPath: file))
            }
            if options.json {
                FileHandle.standardOutput.write(try report.json())
            } else {
                FileHandle.standardOutput.write(Data(report.text(TextStyle(usesColour: isatty(1) == 1)).utf8))
            }
        } catch {
            throw TrafficError(.output, "the report cannot be written: \(error.localizedDescription)")
        }
    }

    static var now: Timestamp { Timestamp(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
}
