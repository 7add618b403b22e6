/// Why the data plane cannot start or go on, for the person who reads the log.
public struct StartFailure: Error, Equatable, CustomStringConvertible {
    /// What kind of failure it is; the raw value is the code that logs and scripts see.
    public enum Code: String, Sendable {
        case runtimeDirectory = "runtime_directory"
        case anotherInstance = "another_instance"
        case otherLayout = "other_layout"
        case environment = "environment"
        case memory = "memory"
        case thread = "thread"
    }

    public var code: Code
    public var message: String
    /// What to do about it, where there is something.
    public var hint: String?

    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String {
        hint.map { "\(message) (\(code.rawValue)); \($0)" } ?? "\(message) (\(code.rawValue))"
    }
}
