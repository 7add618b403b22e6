import Foundation

extension ControlRequest {
    /// The request with the `params` of a JSON-RPC document.
    /// - Throws: `DecodingError` when the method does not take them.
    static func read(from document: Data) throws -> Self {
        if let parameterless = Self.self as? any ParameterlessRequest.Type, let request = parameterless.init() as? Self
        {
            return request
        }
        if let given = try ControlCoding.decode(OptionalParameters<Self>.self, from: document).params { return given }
        // What has no parameters is what has none of them, unless one is required.
        if let request = try? ControlCoding.decode(Self.self, from: Data("{}".utf8)) { return request }
        return try ControlCoding.decode(RequiredParameters<Self>.self, from: document).params
    }

    /// The value of `params`; `nil` for a method without parameters.
    var parameters: (any Encodable)? { self is any ParameterlessRequest ? nil : self }
}

private struct RequiredParameters<Parameters: Decodable>: Decodable {
    let params: Parameters
}

private struct OptionalParameters<Parameters: Decodable>: Decodable {
    let params: Parameters?
}
