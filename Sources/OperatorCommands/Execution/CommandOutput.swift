import ControlProtocol

/// Where a command's results go and in which form.
struct CommandOutput: Sendable {
    enum Form: Hashable, Sendable {
        case text(TextStyle)
        /// One document of one line for each command.
        case json
    }

    let form: Form
    let standardOutput: @Sendable (String) -> Void
    let standardError: @Sendable (String) -> Void

    /// Shows one result in one piece.
    func show(_ result: some ControlResult) throws(CommandFailure) {
        switch form {
        case .text(let style): standardOutput(result.text(style))
        case .json: standardOutput(try document(result) + "\n")
        }
    }

    /// The JSON document of a value, on one line.
    func document(_ value: some Encodable) throws(CommandFailure) -> String {
        do {
            return String(decoding: try ControlCoding.encode(value), as: UTF8.self)
        } catch {
            throw CommandFailure(exitCode: .refused, message: "the result cannot be written as JSON")
        }
    }

    /// Shows why a command has failed.
    func show(_ failure: CommandFailure) {
        switch form {
        case .text(let style): standardError(failure.text(style))
        case .json:
            let text = (try? document(failure.document)) ?? #"{"schema":"\#(ErrorDocument.schemaIdentifier)"}"#
            standardError(text + "\n")
        }
    }
}
