import Foundation

/// The one place that says how values become JSON: snake_case, RFC 3339, one line, keys in alphabetical order.
public enum ControlCoding {
    /// The JSON document of a value, without a newline.
    /// - Throws: `EncodingError` for a number that JSON has no form for (infinity).
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// - Throws: `DecodingError` when the document is not a `Value`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from document: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: document)
    }

    /// One line that says where a document is wrong and how.
    static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not understood" }
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "'\(snakeCase(key.stringValue))' is missing")
            case .typeMismatch(let type, let context): (context, "expected \(jsonName(of: type))")
            case .valueNotFound(let type, let context): (context, "expected \(jsonName(of: type)) and not null")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "not understood")
            }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? snakeCase($0.stringValue) }
        return path.isEmpty ? what : "\(path.joined(separator: ".")): \(what)"
    }

    private static func snakeCase(_ key: String) -> String {
        key.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }

    private static func jsonName(of type: any Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Bool.self { return "true or false" }
        if type is any BinaryInteger.Type { return "a number" }
        return "an object"
    }
}
