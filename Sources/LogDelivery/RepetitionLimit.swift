/// How often a message may stand in the log: whatever goes wrong with a thousand neighbors at once, other lines are still
/// found. Who sees to it that one cause is told once for each neighbor is that message's author.
package struct RepetitionLimit {
    /// Lines of one message within ``window``.
    package static let most = 100
    package static let window = Duration.seconds(60)
    /// Messages that are told apart at one time; beyond that all others are taken for one, but for errors.
    package static let mostMessages = 500

    private static let others = "other messages"

    private struct Occurrences {
        let begun: Duration
        var count = 1
        var leftOut = 0
    }

    private var messages: [String: Occurrences] = [:]
    /// What was left out of messages that have begun anew since.
    private var leftOut: [String: Int] = [:]

    package init() {}

    /// Whether a line is to be written.
    /// - Parameter now: of a clock that only goes forward.
    package mutating func take(_ message: String, _ severity: LogSeverity, now: Duration) -> Bool {
        if messages[message] == nil, messages.count >= Self.mostMessages {
            messages = messages.filter { $0.value.leftOut > 0 || now - $0.value.begun < Self.window }
        }
        let isKnown = messages[message] != nil || messages.count < Self.mostMessages
        // What many other messages are about has nothing to do with an error.
        if !isKnown, severity.rawValue <= LogSeverity.error.rawValue { return true }
        let key = isKnown ? message : Self.others
        guard let present = messages[key], now - present.begun < Self.window else {
            if let former = messages[key]?.leftOut, former > 0 { leftOut[key, default: 0] += former }
            messages[key] = Occurrences(begun: now)
            return true
        }
        guard present.count < Self.most else {
            messages[key]?.leftOut += 1
            return false
        }
        messages[key]?.count += 1
        return true
    }

    /// What was left out until the last minute, in the order of the messages.
    package mutating func takeLeftOut(now: Duration) -> [(message: String, count: Int)] {
        for (message, present) in messages where present.leftOut > 0 && now - present.begun >= Self.window {
            leftOut[message, default: 0] += present.leftOut
            messages[message] = nil
        }
        defer { leftOut = [:] }
        return leftOut.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }
}
