import Foundation

/// A JSON-RPC 2.0 response (§5), one line on the wire.
public struct ResponseDocument: Hashable, Sendable {
    public let identifier: RequestIdentifier
    public let outcome: Result<ControlResponse, ControlError>

    public init(identifier: RequestIdentifier, outcome: Result<ControlResponse, ControlError>) {
        self.identifier = identifier
        self.outcome = outcome
    }

    /// Reads the line that answers a request of `method`, the newline taken off.
    /// - Throws: ``ControlError`` `.internalError` when it is no such answer, or one of another version.
    public init(line: Data, answering method: ControlMethod) throws(ControlError) {
        do {
            let envelope = try ControlCoding.decode(Envelope.self, from: line)
            identifier = envelope.id
            if let error = envelope.error {
                outcome = .failure(error.controlError)
            } else {
                outcome = .success(try ControlResponse(method, resultOf: line))
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.internalError, "the daemon's answer is malformed: \(ControlCoding.explain(error))")
        }
    }

    /// The line without its newline.
    /// - Throws: `EncodingError`.
    public func line() throws -> Data {
        switch outcome {
        case .success(let response):
            if let result = response.result as? any DirectlyWritten {
                Data(result.response(to: identifier))
            } else {
                try success(response.result)
            }
        case .failure(let error):
            try ControlCoding.encode(Failure(jsonrpc: "2.0", id: identifier, error: ErrorObject(error)))
        }
    }

    private func success(_ result: some ControlResult) throws -> Data {
        try ControlCoding.encode(Success(jsonrpc: "2.0", id: identifier, result: result))
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
            ControlError(
                ControlErrorCode(rawValue: code) ?? .internalError, message, diagnostics: data?.diagnostics ?? [])
        }
    }

    private struct ErrorData: Codable {
        let diagnostics: [Diagnostic]
    }
}
