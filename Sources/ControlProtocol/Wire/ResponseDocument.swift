import Foundation

/// A JSON-RPC 2.0 response (§5), one line on the wire.
public struct ResponseDocument<Answer: Sendable>: Sendable {
    public let identifier: RequestIdentifier
    public let outcome: Result<Answer, ControlError>

    public init(identifier: RequestIdentifier, outcome: Result<Answer, ControlError>) {
        self.identifier = identifier
        self.outcome = outcome
    }
}

extension ResponseDocument: Equatable where Answer: Equatable {}

extension ResponseDocument where Answer: ControlResult {
    /// Reads the line that answers a request, the newline taken off.
    /// - Throws: ``ControlError`` `.internalError` when it is no such answer, or one of another version.
    public init(line: Data) throws(ControlError) {
        do {
            let envelope = try ControlCoding.decode(Envelope.self, from: line)
            identifier = envelope.id
            if let error = envelope.error {
                outcome = .failure(error.controlError)
            } else {
                outcome = .success(try Self.result(of: line))
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.internalError, "the daemon's answer is malformed: \(ControlCoding.explain(error))")
        }
    }

    /// To which request a line is the answer, whatever its form; `nil` if it is none.
    static func identifier(of line: Data) -> RequestIdentifier? {
        (try? ControlCoding.decode(Envelope.self, from: line))?.id
    }

    /// - Throws: `DecodingError` when it is no such result; ``ControlError`` when it is one of another version.
    private static func result(of document: Data) throws -> Answer {
        let answer: Answer
        do {
            answer = try ControlCoding.decode(Carrier<Answer>.self, from: document).result
        } catch {
            // A result of another version is not to be reported as malformed.
            let carrier = try? ControlCoding.decode(Carrier<SchemaOnly>.self, from: document)
            if let schema = carrier?.result.schema { try check(schema) }
            throw error
        }
        try check(answer.schema)
        return answer
    }

    private static func check(_ schema: String) throws(ControlError) {
        let expected = Answer.schemaIdentifier
        guard schema == expected else {
            throw ControlError(.internalError, "stile reads \(expected), but the daemon sends \(schema)")
        }
    }
}

extension ResponseDocument where Answer == any ControlResult {
    /// The line without its newline.
    /// - Throws: `EncodingError`.
    public func line() throws -> Data {
        switch outcome {
        case .success(let result):
            if let result = result as? any DirectlyWritten {
                Data(result.response(to: identifier))
            } else {
                try success(result)
            }
        case .failure(let error):
            try ControlCoding.encode(Failure(jsonrpc: "2.0", id: identifier, error: ErrorObject(error)))
        }
    }

    private func success(_ result: some ControlResult) throws -> Data {
        try ControlCoding.encode(Success(jsonrpc: "2.0", id: identifier, result: result))
    }
}

private struct Success<Value: ControlResult>: Encodable {
    let jsonrpc: String
    let id: RequestIdentifier
    let result: Value
}

private struct Failure: Encodable {
    let jsonrpc: String
    let id: RequestIdentifier
    let error: ErrorObject
}

private struct Envelope: Decodable {
    let id: RequestIdentifier
    let error: ErrorObject?
}

private struct Carrier<Value: Decodable>: Decodable {
    let result: Value
}

private struct SchemaOnly: Decodable {
    let schema: String
}

/// §5.1: code, message and, where there are any, the diagnostics as data.
private struct ErrorObject: Codable {
    let code: Int
    let message: String
    let data: ErrorData?

    init(_ error: ControlError) {
        code = error.code.rawValue
        message = error.message
        data = error.diagnostics.isEmpty ? nil : ErrorData(diagnostics: error.diagnostics)
    }

    var controlError: ControlError {
        ControlError(ControlErrorCode(rawValue: code) ?? .internalError, message, diagnostics: data?.diagnostics ?? [])
    }
}

private struct ErrorData: Codable {
    let diagnostics: [Diagnostic]
}
