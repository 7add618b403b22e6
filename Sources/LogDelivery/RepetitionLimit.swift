/// How often a message may stand in the log: whatever goes wrong with a thousand neighbors at once, other lines are still
/// found. Who sees to it that one cause is told once for each neighbor is that message's author.
struct RepetitionLimit {
    /// Lines of one message within ``window``.
    static let most = 100
    static let window = Duration.seconds(60)
    /// Messages that are told apart at one time; beyond that all others are taken for one.
    static let mostMessages = 500

    private struct Occurrences {
        let begun: Duration
        var count = 1
        var leftOut = 0
    }

    private var messages: [String: Occurrences] = [:]

    /// Whether a line is to be written.
    /// - Parameter now: of a clock that only goes forward.
    mutating func take(_ message: String, now: Duration) -> Bool {
        if messages[message] == nil, messages.count >= Self.mostMessages {
            messages = messages.filter { $0.value.leftOut > 0 || now - $0.value.begun < Self.window }
        }
        let key = messages[message] != nil || messages.count < Self.mostMessages ? message : ""
        guard let present = messages[key], now - present.begun < Self.window || present.leftOut > 0 else {
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

    /// What was left out, in the order of the messages; all of them may come again.
    mutating func takeLeftOut(now: Duration) -> [(message: String, count: Int)] {
        let due = messages.filter { $0.value.leftOut > 0 && now - $0.value.begun >= Self.window }
        for message in due.keys { messages[message] = nil }
        return due.map { ($0.key, $0.value.leftOut) }.sorted { $0.0 < $1.0 }
    }
}
