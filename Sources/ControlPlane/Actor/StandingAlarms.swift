import ControlProtocol
import Logging

/// What is not as it should be, since when: one line of the log when it begins and one when it ends.
final class StandingAlarms {
    /// How many there are of a kind, and whose.
    struct Finding {
        var count: Int
        var subjects: [String]
    }

    private static let shownSubjects = 8
    private(set) var alarms: [Alarm] = []
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Brings the alarms to what is found now; to be called once a second.
    func update(_ findings: [Alarm.Kind: Finding], secondsSince1970 now: WallClock.Seconds) {
        let before = Dictionary(uniqueKeysWithValues: alarms.map { ($0.kind, $0) })
        alarms = Alarm.Kind.allCases.compactMap { kind in
            guard let finding = findings[kind], finding.count > 0 else {
                if let ended = before[kind] {
                    logger.notice(
                        "over: \(kind.help)", metadata: ["alarm": "\(kind.rawValue)", "since": "\(ended.since)"])
                }
                return nil
            }
            let alarm = Alarm(
                kind: kind, since: before[kind]?.since ?? Timestamp(secondsSince1970: now), count: finding.count,
                subjects: Array(finding.subjects.sorted().prefix(Self.shownSubjects)))
            if before[kind] == nil {
                logger.error(
                    "\(kind.help)",
                    metadata: [
                        "alarm": "\(kind.rawValue)", "count": "\(alarm.count)",
                        "of": "\(alarm.subjects.joined(separator: " "))",
                    ])
            }
            return alarm
        }
    }
}
