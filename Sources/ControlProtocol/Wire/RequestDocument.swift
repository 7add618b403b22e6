import Foundation

/// A JSON-RPC 2.0 request (§4), one line on the wire.
public struct RequestDocument: Sendable {
    /// The most octets that a request may have, its newline not counted: a configuration of some 200,000 lines.
    public static let largestBytes = 16 << 20

    /// `nil` for a notification, which gets no answer.
    public let identifier: RequestIdentifier?
    public let request: any ControlRequest

    public init(identifier: RequestIdentifier?, request: any ControlRequest) {
        self.identifier = identifier
        self.request = request
    }

    /// Reads one line, the newline taken off.
    /// - Throws: ``RejectedRequest`` with the code that JSON-RPC 2.0 §5.1 wants.
    public init(line: Data) throws(RejectedRequest) {
        let envelope: Envelope
        do {
            envelope = try ControlCoding.decode(Envelope.self, from: line)
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw RejectedRequest(.null, ControlError(.parseError, "the line is not a JSON document"))
        } catch {
            let identifier = (try? ControlCoding.decode(IdentifierOnly.self, from: line))?.id ?? .null
            let message = "not a request: \(ControlCoding.explain(error))"
            throw RejectedRequest(identifier, ControlError(.invalidRequest, message))
        }
        guard envelope.jsonrpc == "2.0" else {
            let message = "not a request: 'jsonrpc' is not \"2.0\""
            throw RejectedRequest(envelope.id ?? .null, ControlError(.invalidRequest, message))
        }
        guard let type = RequestRegistry.request(envelope.method) else {
            let message = "there is no method '\(envelope.method.prefix(64))'"
            throw RejectedRequest(envelope.id, ControlError(.methodNotFound, message))
        }
        identifier = envelope.id
        do {
            request = try type.read(from: line)
        } catch {
            let message = "\(type.method): \(ControlCoding.explain(error))"
            throw RejectedRequest(envelope.id, ControlError(.invalidParameters, message))
        }
    }

    /// The line without its newline.
    /// - Throws: `EncodingError`.
    public func line() throws -> Data {
        try ControlCoding.encode(
            Outgoing(
                jsonrpc: "2.0", id: identifier, method: type(of: request).method,
                params: request.parameters.map(AnyParameters.init)))
    }

    private struct Envelope: Decodable {
        let jsonrpc: String
        let id: RequestIdentifier?
        let method: String

        private enum CodingKeys: String, CodingKey {
            case jsonrpc
            case id
            case method
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            jsonrpc = try container.decode(String.self, forKey: .jsonrpc)
            method = try container.decode(String.self, forKey: .method)
            // An `id` of null is a request, no `id` at all a notification (§4.1).
            id = container.contains(.id) ? try container.decode(RequestIdentifier.self, forKey: .id) : nil
        }
    }

    private struct IdentifierOnly: Decodable {
        let id: RequestIdentifier
    }

    private struct Outgoing: Encodable {
        let jsonrpc: String
        let id: RequestIdentifier?
        let method: String
        let params: AnyParameters?
    }

    private struct AnyParameters: Encodable {
        let value: any Encodable

        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }
}

/// A line that is no request we carry out, and the `id` to answer it with.
public struct RejectedRequest: Error, Hashable, Sendable {
    /// `nil` for a notification, which gets no answer, not even an error (JSON-RPC 2.0 §4.1).
    public let identifier: RequestIdentifier?
    public let error: ControlError

    init(_ identifier: RequestIdentifier?, _ error: ControlError) {
        self.identifier = identifier
        self.error = error
    }
}
