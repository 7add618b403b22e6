import Logging

/// What could not be done, and what is wrong with the data plane, for the log: each said once.
final class ProblemLog {
    private var omissions: Set<String> = []
    private var problem: String?
    /// Whether the log says that the data plane shows no sign of life.
    private var hasReportedSilence = false
    private let dataplane: DataplaneLink
    private let logger: Logger

    init(dataplane: DataplaneLink, logger: Logger) {
        self.dataplane = dataplane
        self.logger = logger
    }

    /// - Parameters:
    ///   - failures: what the tables could not take since this was last called.
    ///   - standing: what of the plan is left out, as long as it is.
    func report(_ failures: [String], omissions standing: [String]) {
        for failure in failures + standing where !omissions.contains(failure) {
            logger.error("\(failure)")
            if standing.contains(failure) { omissions.insert(failure) }
        }
        if let new = dataplane.problem, dataplane.reader == nil, new != problem {
            problem = new
            logger.info("no data plane: \(new)")
        }
    }

    /// Says once that the data plane hangs, and that it works again.
    func reportSilence() {
        let silence = dataplane.silentSeconds(now: WallClock.secondsSince1970)
        guard (silence != nil) != hasReportedSilence else { return }
        hasReportedSilence = silence != nil
        if let silence {
            logger.error(
                "the data plane shows no sign of life: it is stopped or hangs", metadata: ["seconds": "\(silence)"])
        } else {
            logger.info("the data plane works again, or has ended")
        }
    }
}
