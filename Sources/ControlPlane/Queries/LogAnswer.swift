import ControlProtocol
import LogDelivery

extension ShowLog: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> LogResult {
        let records = plane.log.last(Int(clamping: count ?? .max), atLeast: LogSeverity(severity ?? .debug))
        return LogResult(
            takenAt: .now,
            lines: records.map { record in
                LogLine(
                    loggedAt: Timestamp(secondsSince1970: record.microsecondsSince1970 / 1_000_000),
                    severity: LogLine.Severity(record.severity), message: record.message,
                    fields: record.fields.map { LogLine.Field(name: $0.name, value: $0.value) })
            })
    }
}

extension LogSeverity {
    fileprivate init(_ severity: LogLine.Severity) {
        switch severity {
        case .critical: self = .critical
        case .error: self = .error
        case .warning: self = .warning
        case .notice: self = .notice
        case .informational: self = .informational
        case .debug: self = .debug
        }
    }
}

extension LogLine.Severity {
    /// The log has nothing above `critical`.
    fileprivate init(_ severity: LogSeverity) {
        switch severity {
        case .emergency, .alert, .critical: self = .critical
        case .error: self = .error
        case .warning: self = .warning
        case .notice: self = .notice
        case .informational: self = .informational
        case .debug: self = .debug
        }
    }
}
