/// The `id` of a JSON-RPC request: whatever the client chose, handed back as it came.
public enum RequestIdentifier: Hashable, Sendable {
    case number(Int64)
    case text(String)
    /// Of an answer to a request whose `id` could not be read (JSON-RPC 2.0 §5).
    case null
}

extension RequestIdentifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .null: try container.encodeNil()
        }
    }
}
