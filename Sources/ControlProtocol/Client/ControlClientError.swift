/// Why a client has no result.
public enum ControlClientError: Error, Hashable, Sendable {
    /// Nobody listens at the path; `reason` is the system's.
    case noDaemon(path: String, reason: String)
    case notPermitted(path: String)
    case timedOut(seconds: Double)
    /// The user pressed Control-C.
    case interrupted
    /// The connection ended or brought something that is no answer.
    case brokenAnswer(String)
    /// The daemon's own word.
    case refusal(ControlError)

    public var exitCode: ExitCode {
        switch self {
        case .noDaemon: .noDaemon
        case .notPermitted: .notPermitted
        case .timedOut: .timedOut
        case .interrupted: .interrupted
        case .brokenAnswer: .refused
        case .refusal(let error): error.code.exitCode
        }
    }
}

extension ControlClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDaemon(let path, let reason): "no daemon at \(path): \(reason); is stiled running?"
        case .notPermitted(let path): "no permission for \(path): join the group that owns it, or be root"
        case .timedOut(let seconds): "no answer within \(seconds) s"
        case .interrupted: "interrupted"
        case .brokenAnswer(let what): what
        case .refusal(let error): error.message
        }
    }
}
