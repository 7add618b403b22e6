import BGP

/// Counts the rejections of one reason and says when one is due for the log.
struct RejectionCount {
    private static let logIntervalSeconds: UInt32 = 60

    private(set) var total: UInt64 = 0
    private var reported: UInt64 = 0
    private var silentUntil: Instant?

    /// Counts one; if a line is due for the log, how many there were since the last.
    mutating func add(now: Instant) -> UInt64? {
        total += 1
        if let silentUntil, now < silentUntil { return nil }
        silentUntil = now.advanced(bySeconds: Self.logIntervalSeconds)
        defer { reported = total }
        return total - reported
    }
}
