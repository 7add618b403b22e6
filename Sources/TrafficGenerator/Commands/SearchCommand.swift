import ArgumentParser

/// `stile-traffic ndr`: NDR and PDR.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ndr",
        abstract: "Searches the greatest load without loss (NDR) and with little loss (PDR), by MLRsearch (RFC 9971).")

    @OptionGroup var streams: StreamOptions

    @Option(help: "PDR's loss ratio, in percent.")
    var pdrLoss = 0.5

    @Option(help: "Goal Final Trial Duration, in seconds.")
    var trialDuration = 1.0

    @Option(help: "Goal Duration Sum: seconds of trials that decide about a load.")
    var durationSum = 21.0

    @Option(help: "Goal Exceed Ratio: the share of that time that may lose more.")
    var exceedRatio = 0.5

    @Option(help: "Goal Width: how close the bounds must come, in percent.")
    var width = 0.5

    @Option(help: "Goal Initial Trial Duration, in seconds.")
    var initialTrialDuration = 0.2

    @Option(help: "The greatest load to try, such as 10Mpps; the line rate otherwise.")
    var maxRate: String?

    @Option(help: "The smallest load to try.")
    var minRate = "1000pps"

    @Option(help: "The most trials; a search that needs more ends unfinished.")
    var maxTrials = 20_000

    @Option(help: "Seconds of a last trial at half the NDR, for the latency there; 0 leaves it out.")
    var latencyDuration = 5.0

    private var goals: [SearchGoal] {
        [("NDR", 0), ("PDR", pdrLoss / 100)].map { name, lossRatio in
            SearchGoal(
                name: name, lossRatio: lossRatio, finalTrialSeconds: trialDuration, durationSumSeconds: durationSum,
                exceedRatio: exceedRatio, relativeWidth: width / 100, initialTrialSeconds: initialTrialDuration)
        }
    }

    func validate() throws {
        guard maxTrials > 0 else { throw ValidationError("--max-trials \(maxTrials): expected 1 or more") }
        guard (0...3600).contains(latencyDuration) else {
            throw ValidationError("--latency-duration \(latencyDuration): expected 0 to 3600")
        }
        for goal in goals { if let fault = goal.fault { throw ValidationError("\(goal.name): \(fault)") } }
    }

    func run() throws {
        let source = try StreamSource(streams)
        let session = try TrafficSession(streams.device, names: source.devices)
        defer { session.close() }
        let profile = try source.profile(in: session)
        var generator = try session.generator(profile, streams)
        try session.warmUp(generator, seconds: streams.warmUp)
        var search = LossRatioSearch(
            goals: goals,
            minimumPacketsPerSecond: max(
                try LoadLimit.packetsPerSecond(minRate, of: generator), 1 / initialTrialDuration),
            maximumPacketsPerSecond: try LoadLimit.packetsPerSecond(maxRate, generator),
            largestTrialCount: maxTrials)
        var trials: [TrialResult] = []
        try search.run(on: &generator) { result, _ in
            trials.append(result)
            session.say(ProgressLine.text(of: result, number: trials.count))
        }
        let halfLoad = try measureAtHalf(of: search.results[0], on: generator, session)
        let isLimited = search.results.contains { $0.irregularity == .generatorLimited }
        let report = TrafficReport(
            command: "ndr", takenAt: TrafficSession.now, verdict: isLimited ? .generatorLimited : .done,
            environment: session.environment, profile: profile, search: search.results, halfLoad: halfLoad,
            trials: trials)
        try session.finish(report)
        if isLimited { throw ExitCode(TrafficExitCode.generatorLimited.rawValue) }
    }

    /// Latency is of use at a load that the device carries with ease; at the NDR itself it is the queues' length.
    private func measureAtHalf(
        of result: GoalResult, on generator: Generator, _ session: TrafficSession
    ) throws -> TrialResult? {
        guard latencyDuration > 0, let bound = result.relevantLowerBoundPacketsPerSecond else { return nil }
        session.say("latency at half the NDR: \(latencyDuration) s")
        let trial = try generator.measure(
            TrialInput(loadPacketsPerSecond: bound / 2, durationSeconds: latencyDuration))
        if trial.wasInterrupted { throw TrafficError(.interrupted, "interrupted") }
        return trial
    }
}

extension ProgressLine {
    /// A finished trial.
    static func text(of result: TrialResult, number: Int) -> String {
        let load = TrafficReport.number((result.input.loadPacketsPerSecond ?? result.offeredPacketsPerSecond) / 1e6, 4)
        return "trial \(number): \(load) Mpps, \(TrafficReport.number(result.transmitSeconds, 2)) s, loss "
            + "\(TrafficReport.number(result.lossRatio * 100, 4)) %\(result.isGeneratorLimited ? ", generator-limited" : "")"
    }
}
