/// Why a request was not carried out.
public struct ControlError: Error, Hashable, Sendable {
    public let code: ControlErrorCode
    /// For people: what, where and what to do, without a full stop at the end.
    public let message: String
    /// What is wrong in a configuration that was refused.
    public let diagnostics: [Diagnostic]

    public init(_ code: ControlErrorCode, _ message: String, diagnostics: [Diagnostic] = []) {
        self.code = code
        self.message = message
        self.diagnostics = diagnostics
    }
}

/// The codes of JSON-RPC 2.0 §5.1 and, in its range for applications (-32000 to -32099), our own.
public enum ControlErrorCode: Int, Hashable, Sendable, CaseIterable {
    /// Not JSON.
    case parseError = -32700
    /// JSON, but no request.
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParameters = -32602
    case internalError = -32603
    /// Understood, and against a rule or impossible now.
    case refused = -32001
    /// Nothing of the configuration was applied; the diagnostics say why.
    case configurationInvalid = -32003
    /// The other process, without which there is no answer, does not run.
    case dataPlaneNotRunning = -32004
    case timedOut = -32005
    case notPermitted = -32006
    /// A neighbor, VRF, interface or prefix that the request names does not exist.
    case noSuchObject = -32007

    /// How `stile` ends when it gets this error.
    public var exitCode: ExitCode {
        switch self {
        case .parseError, .invalidRequest, .methodNotFound, .internalError, .refused: .refused
        case .invalidParameters: .usage
        case .configurationInvalid: .configurationInvalid
        case .dataPlaneNotRunning: .noDaemon
        case .timedOut: .timedOut
        case .notPermitted: .notPermitted
        case .noSuchObject: .noSuchObject
        }
    }
}
