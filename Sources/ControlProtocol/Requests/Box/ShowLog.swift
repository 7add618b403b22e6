/// `show.log`: the last lines of the log of `stiled`, from memory.
public struct ShowLog: ControlRequest {
    public typealias Answer = LogResult
    public static let method = "show.log"

    /// Lines that are at least so severe; all if `nil`.
    public var severity: LogLine.Severity?
    /// The last so many; all that are kept if `nil`.
    public var count: UInt32?

    public init(severity: LogLine.Severity? = nil, count: UInt32? = nil) {
        self.severity = severity
        self.count = count
    }
}

/// Answer to `show.log`.
public struct LogResult: ControlResult {
    public static let schemaIdentifier = "stile.show.log/1"
    public private(set) var schema = LogResult.schemaIdentifier

    public let takenAt: Timestamp
    /// The oldest first.
    public let lines: [LogLine]

    public init(takenAt: Timestamp, lines: [LogLine]) {
        self.takenAt = takenAt
        self.lines = lines
    }
}

/// One line of the log with what it is about.
public struct LogLine: Codable, Hashable, Sendable {
    /// Words of RFC 5424 §6.2.1, as far as the log has them.
    public enum Severity: String, Codable, Hashable, Sendable, CaseIterable {
        case critical
        case error
        case warning
        case notice
        case informational
        case debug
    }

    public struct Field: Codable, Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let loggedAt: Timestamp
    public let severity: Severity
    public let message: String
    /// In the order of their names.
    public let fields: [Field]

    public init(loggedAt: Timestamp, severity: Severity, message: String, fields: [Field]) {
        self.loggedAt = loggedAt
        self.severity = severity
        self.message = message
        self.fields = fields
    }
}

extension LogResult {
    /// A line for each: it is read from left to right, and what it is about has its own names.
    public func text(_ style: TextStyle) -> String {
        guard !lines.isEmpty else { return "nothing was logged\n" }
        return lines.map { $0.text(style) }.joined()
    }
}

extension LogLine {
    fileprivate func text(_ style: TextStyle) -> String {
        let about = fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        let text = about.isEmpty ? message : "\(message) (\(about))"
        return "\(loggedAt)  " + style.show(severity.rawValue, as: severity.emphasis) + "  "
            + text.withoutControlCharacters + "\n"
    }
}

extension LogLine.Severity {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .critical, .error: .bad
        case .warning: .warning
        case .notice, .informational, .debug: .none
        }
    }
}
