import ControlProtocol

/// Why a command has no result.
struct CommandFailure: Error, Hashable, Sendable {
    let exitCode: ExitCode
    let message: String
    var diagnostics: [Diagnostic] = []
    /// The daemon's JSON-RPC error code; `nil` when it was not the daemon that refused.
    var controlCode: ControlErrorCode?

    init(exitCode: ExitCode, message: String, diagnostics: [Diagnostic] = []) {
        self.exitCode = exitCode
        self.message = message
        self.diagnostics = diagnostics
    }

    init(_ error: ControlClientError) {
        exitCode = error.exitCode
        message = error.description
        if case .refusal(let refusal) = error {
            diagnostics = refusal.diagnostics
            controlCode = refusal.code
        }
    }

    /// - Parameter line: of the command.
    init(_ error: UsageError, in line: String) {
        exitCode = .usage
        message = error.text(below: line)
    }

    /// The diagnostics, each in full, then the message.
    func text(_ style: TextStyle) -> String {
        let details = diagnostics.map(\.description).joined().withoutControlCharactersInLines
        return details + style.show("error", as: .bad) + ": \(message.withoutControlCharactersInLines)\n"
    }

    var document: ErrorDocument {
        ErrorDocument(
            code: controlCode?.rawValue, exitCode: exitCode.rawValue, message: message, diagnostics: diagnostics)
    }
}

/// The JSON form of a failure, on standard error.
struct ErrorDocument: Codable, Hashable, Sendable {
    static let schemaIdentifier = "stile.error/1"
    private(set) var schema = ErrorDocument.schemaIdentifier

    /// The JSON-RPC error code, where the daemon sent one.
    let code: Int?
    let exitCode: Int32
    let message: String
    let diagnostics: [Diagnostic]
}
