import ArgumentParser

/// `stile-traffic rfc2544`.
struct Benchmark2544Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rfc2544",
        abstract: "Throughput, latency, frame loss rate and back-to-back frames by RFC 2544, over the frame sizes.",
        discussion: """
            Streams are grouped by the label operation that they ask for (RFC 5695): labelled ones measure the pop, \
            unlabelled ones the push. The RFC's own durations take hours: --quick is for a look.
            """)

    @OptionGroup var streams: StreamOptions

    @Option(help: "Frame sizes with FCS; may be repeated. 64 to 1518 by default.")
    var size: [Int] = []

    @Flag(help: "Short trials and few repetitions.")
    var quick = false

    @Option(help: "Seconds of a trial (RFC 2544 §24: 60).")
    var trialDuration: Double?

    @Option(help: "The greatest load to try; the line rate otherwise.")
    var maxRate: String?

    func validate() throws {
        if let bad = size.first(where: { !FrameSizes.range.contains($0) }) {
            throw ValidationError("--size \(bad): expected 64 to 9018")
        }
        if let trialDuration, !(0.05...3600).contains(trialDuration) {
            throw ValidationError("--trial-duration \(trialDuration): expected 0.05 to 3600")
        }
    }

    func run() throws {
        let source = try StreamSource(streams)
        var settings = quick ? Benchmark2544Settings.quick : Benchmark2544Settings()
        if let trialDuration { settings.trialSeconds = trialDuration }
        let session = try TrafficSession(streams.device, names: source.devices)
        defer { session.close() }
        let profile = try source.profile(in: session)
        var results: [FrameSizeResult] = []
        var trials: [TrialResult] = []
        for forwardingCase in ForwardingCase.allCases {
            let group = profile.streams.filter { ForwardingCase($0) == forwardingCase }
            guard !group.isEmpty else { continue }
            for bytes in size.isEmpty ? FrameSizes.rfc2544 : size {
                let sized = TrafficProfile(streams: group).with(frameSizes: .fixed(bytes))
                var generator = try session.generator(sized, streams)
                if results.isEmpty { try session.warmUp(generator, seconds: streams.warmUp) }
                session.say("\(forwardingCase.rawValue), frames of \(bytes) octets")
                var benchmark = Benchmark2544(
                    settings: settings, minimumPacketsPerSecond: 1000,
                    maximumPacketsPerSecond: try LoadLimit.packetsPerSecond(maxRate, generator),
                    hasLineRate: generator.lineRatePacketsPerSecond != nil)
                results.append(
                    try benchmark.run(
                        on: &generator, forwardingCase: forwardingCase, frameBytes: bytes,
                        smallestFrameBytes: group.map(FrameTemplate.smallestFrameBytes).max() ?? bytes
                    ) { news, result in
                        if let result {
                            trials.append(result)
                            session.say(ProgressLine.text(of: result, number: trials.count))
                        } else {
                            session.say(news)
                        }
                    })
            }
        }
        let isLimited = results.contains(where: \.isGeneratorLimited)
        let report = TrafficReport(
            command: "rfc2544", takenAt: TrafficSession.now, verdict: isLimited ? .generatorLimited : .done,
            environment: session.environment, profile: profile, frameSizes: results, trials: trials)
        try session.finish(report)
        if isLimited { throw ExitCode(TrafficExitCode.generatorLimited.rawValue) }
    }
}
