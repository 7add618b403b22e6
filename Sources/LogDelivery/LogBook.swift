import Glibc
import Logging
import Synchronization

/// Where the lines of the log go: into the journal or to standard error, into memory for those who ask, and to whoever
/// passes them on.
public final class LogBook: Sendable {
    private struct State {
        var recent = RecentRecords()
        var limit = RepetitionLimit()
        var pass: (@Sendable (LogRecord) -> Void)?
    }

    private let state = Mutex(State())
    private let journal: JournalSocket?
    private let begun = ContinuousClock.now

    /// - Parameter journal: takes the place of standard error.
    public init(journal: JournalSocket? = nil) { self.journal = journal }

    private var now: Duration { begun.duration(to: .now) }

    /// The last lines that are at least so severe, the oldest first.
    public func last(_ count: Int, atLeast severity: LogSeverity = .debug) -> [LogRecord] {
        state.withLock { $0.recent.last(count, atLeast: severity) }
    }

    /// Hands every further line to `pass` as well, from whatever thread it comes.
    public func passOn(_ pass: @escaping @Sendable (LogRecord) -> Void) { state.withLock { $0.pass = pass } }

    /// Messages that came too often, and how many lines of each were left out; to be called once a minute.
    public func takeLeftOut() -> [(message: String, count: Int)] {
        let now = now
        return state.withLock { $0.limit.takeLeftOut(now: now) }
    }

    /// - Parameter print: writes to standard error.
    func write(_ record: LogRecord, label: String, print: () -> Void) {
        let now = now
        let (isToBeWritten, pass) = state.withLock { state -> (Bool, (@Sendable (LogRecord) -> Void)?) in
            guard state.limit.take(record.message, record.severity, now: now) else { return (false, nil) }
            state.recent.append(record)
            return (true, state.pass)
        }
        guard isToBeWritten else { return }
        if journal?.send(JournalEntry(record, identifier: label)) != true { print() }
        pass?(record)
    }

    static var microsecondsSince1970: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

/// Writes what is logged into a book.
public struct LogBookHandler: LogHandler {
    private let book: LogBook
    private let label: String
    private var stream: StreamLogHandler

    public init(label: String, book: LogBook) {
        self.book = book
        self.label = label
        stream = StreamLogHandler.standardError(label: label)
    }

    public var logLevel: Logger.Level {
        get { stream.logLevel }
        set { stream.logLevel = newValue }
    }

    public var metadata: Logger.Metadata {
        get { stream.metadata }
        set { stream.metadata = newValue }
    }

    public var metadataProvider: Logger.MetadataProvider? {
        get { stream.metadataProvider }
        set { stream.metadataProvider = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { stream[metadataKey: key] }
        set { stream[metadataKey: key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        for added in [metadataProvider?.get(), event.metadata] { all.merge(added ?? [:]) { $1 } }
        let record = LogRecord(
            microsecondsSince1970: LogBook.microsecondsSince1970, severity: LogSeverity(event.level),
            message: "\(event.message)", fields: all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
        book.write(record, label: label) { stream.log(event: event) }
    }
}
