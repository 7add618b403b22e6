import ArgumentParser

/// `stile-traffic attack`: what spoofed packets do to the valid ones.
struct AttackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Measures the goodput of the valid streams beside spoofed labels, depths and sources.",
        discussion: """
            The valid streams keep their rate; the attack comes on top, at each share in turn, and share 0 is the \
            comparison. Every packet of the attack that comes back is counted as leaked. A spoofed source gets through \
            where unicast RPF is off: leave it out with --kind then.
            """)

    @OptionGroup var streams: StreamOptions

    @Option(help: "The attack's share of all packets, in percent; may be repeated. 0, 25, 50 and 75 by default.")
    var share: [Double] = []

    @Option(help: "What the attack tries; may be repeated. All by default.")
    var kind: [AttackKind] = []

    @Option(help: "Of the valid streams together, such as 500kpps; the profile's rates otherwise.")
    var rate: String?

    @Option(help: "Seconds for each share.")
    var duration = 5.0

    func validate() throws {
        if let bad = share.first(where: { !(0...99).contains($0) }) {
            throw ValidationError("--share \(bad): expected 0 to 99")
        }
        guard (0.01...3600).contains(duration) else {
            throw ValidationError("--duration \(duration): expected 0.01 to 3600")
        }
    }

    func run() throws {
        let source = try StreamSource(streams)
        let session = try TrafficSession(streams.device, names: source.devices)
        defer { session.close() }
        let profile = try source.profile(in: session)
        let valid = try session.generator(profile, streams)
        let validRate =
            try rate.map { try LoadLimit.packetsPerSecond($0, of: valid) } ?? valid.profilePacketsPerSecond
        try session.warmUp(valid, seconds: streams.warmUp)
        var results: [AttackResult] = []
        var trials: [TrialResult] = []
        // The valid streams' own shares stay what they are while their sum becomes the wanted rate.
        let scale = validRate / valid.profilePacketsPerSecond
        var scaled = profile
        for index in scaled.streams.indices {
            let own = try scaled.streams[index].rate.packetsPerSecond(
                meanFrameBytes: scaled.streams[index].meanFrameBytes,
                lineRateBitsPerSecond: streams.lineRate ?? session.devices.compactMap(\.lineRateBitsPerSecond).min())
            scaled.streams[index].rate = .packetsPerSecond(own * scale)
        }
        for percent in share.isEmpty ? [0, 25, 50, 75] : share {
            let mix = AttackMix(
                kinds: kind.isEmpty ? AttackKind.allCases : kind, share: percent / 100, seed: streams.seed)
            let attacked = try mix.profile(from: scaled, validPacketsPerSecond: validRate)
            let generator = try session.generator(attacked, streams)
            session.say("attack of \(percent) %, \(Int(generator.profilePacketsPerSecond)) packets a second in all")
            let trial = try generator.measure(
                TrialInput(loadPacketsPerSecond: generator.profilePacketsPerSecond, durationSeconds: duration))
            if trial.wasInterrupted { throw TrafficError(.interrupted, "interrupted") }
            trials.append(trial)
            results.append(AttackResult(share: percent / 100, trial: trial))
        }
        let verdict: TrafficReport.Verdict =
            results.contains { $0.leakedTotal > 0 }
            ? .attackLeaked : results.contains(where: \.isGeneratorLimited) ? .generatorLimited : .done
        let report = TrafficReport(
            command: "attack", takenAt: TrafficSession.now, verdict: verdict, environment: session.environment,
            profile: profile, attack: results, trials: trials)
        try session.finish(report)
        if verdict != .done { throw ExitCode(verdict.exitCode.rawValue) }
    }
}
