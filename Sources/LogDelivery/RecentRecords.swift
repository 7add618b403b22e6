/// The last lines of the log, in memory.
struct RecentRecords {
    static let most = 1000

    private var records: [LogRecord] = []
    /// Where the oldest stands once there are as many as there may be.
    private var oldest = 0

    mutating func append(_ record: LogRecord) {
        guard records.count == Self.most else { return records.append(record) }
        records[oldest] = record
        oldest = (oldest + 1) % Self.most
    }

    /// The last `count` that are at least so severe, the oldest first.
    func last(_ count: Int, atLeast severity: LogSeverity) -> [LogRecord] {
        let chosen = (records[oldest...] + records[..<oldest]).filter { $0.severity.rawValue <= severity.rawValue }
        return Array(chosen.suffix(count))
    }
}
