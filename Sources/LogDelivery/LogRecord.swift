import Logging

/// The severities of RFC 5424 §6.2.1, which journald has as priorities.
public enum LogSeverity: UInt8, Sendable, CaseIterable {
    case emergency
    case alert
    case critical
    case error
    case warning
    case notice
    case informational
    case debug

    public init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .informational
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}

/// One line of the log with what it is about. It is bounded, since neighbors choose some of its words.
public struct LogRecord: Sendable {
    public typealias Field = (name: String, value: String)

    public let microsecondsSince1970: Int64
    public let severity: LogSeverity
    public let message: String
    /// In the order of their names, which are snake_case.
    public let fields: [Field]

    /// The longest message, and the longest value of a field, in octets; more is cut off.
    static let longestText = 2000
    static let mostFields = 24

    public init(
        microsecondsSince1970: Int64, severity: LogSeverity, message: String, fields: [Field]
    ) {
        self.microsecondsSince1970 = microsecondsSince1970
        self.severity = severity
        self.message = Self.bounded(message)
        self.fields = fields.prefix(Self.mostFields).map { ($0.name, Self.bounded($0.value)) }
    }

    /// The message with its fields, for those who read a line and no fields.
    public var text: String {
        guard !fields.isEmpty else { return message }
        return message + " (" + fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ") + ")"
    }

    /// Cut between characters.
    static func bounded(_ text: String, to octets: Int = longestText) -> String {
        guard text.utf8.count > octets else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: octets)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
