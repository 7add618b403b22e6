import ArgumentParser

/// `stile-traffic run`: a fixed rate for a while.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Sends at a fixed rate and shows what comes back, each second and in the end.")

    @OptionGroup var streams: StreamOptions

    @Option(help: "Of all streams together, such as 2Mpps, 1Gbps or 10%; the profile's rates otherwise.")
    var rate: String?

    @Option(help: "Seconds.")
    var duration = 10.0

    func validate() throws {
        guard (0.01...864_000).contains(duration) else {
            throw ValidationError("--duration \(duration): expected 0.01 to 864000")
        }
    }

    func run() throws {
        let source = try StreamSource(streams)
        let session = try TrafficSession(streams.device, names: source.devices)
        defer { session.close() }
        let profile = try source.profile(in: session)
        let generator = try session.generator(profile, streams)
        let load =
            try rate.map { try LoadLimit.packetsPerSecond($0, of: generator) } ?? generator.profilePacketsPerSecond
        try session.warmUp(generator, seconds: streams.warmUp)
        session.say("\(profile.streams.count) streams, \(Int(load)) packets a second for \(duration) s")
        let trial = try generator.measure(TrialInput(loadPacketsPerSecond: load, durationSeconds: duration))
        let verdict: TrafficReport.Verdict =
            trial.wasInterrupted ? .interrupted : trial.isGeneratorLimited ? .generatorLimited : .done
        let report = TrafficReport(
            command: "run", takenAt: TrafficSession.now, verdict: verdict, environment: session.environment,
            profile: profile, trials: [trial])
        try session.finish(report)
        if verdict != .done { throw ExitCode(verdict.exitCode.rawValue) }
    }
}
