import Addressing
import ControlProtocol
import Foundation

/// The streams of a benchmark: a JSON document, or what a running Stile's routes and labels ask for.
public struct TrafficProfile: Codable, Hashable, Sendable {
    public static let schemaIdentifier = "stile.traffic.profile/1"

    public var schema = TrafficProfile.schemaIdentifier
    public var description: String?
    public var streams: [StreamProfile]

    public init(description: String? = nil, streams: [StreamProfile]) {
        self.description = description
        self.streams = streams
    }

    /// Reads a profile and checks it.
    ///
    /// - Throws: `TrafficError` with `invalidProfile`, which names the stream and the key.
    public init(json: Data) throws(TrafficError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(TrafficProfile.self, from: json)
        } catch {
            throw TrafficError(.invalidProfile, Self.explain(error), hint: "deploy/examples/traffic.json is an example")
        }
        guard schema == Self.schemaIdentifier else {
            throw TrafficError(
                .invalidProfile, "schema is '\(schema)', expected '\(Self.schemaIdentifier)'")
        }
        try check()
    }

    /// - Throws: `TrafficError` for streams that cannot be sent.
    public func check() throws(TrafficError) {
        guard !streams.isEmpty else { throw TrafficError(.nothingToSend, "the profile has no streams") }
        guard streams.count <= Int(UInt16.max) else {
            throw TrafficError(.invalidProfile, "\(streams.count) streams are more than \(UInt16.max)")
        }
        var names: Set<String> = []
        for (number, stream) in streams.enumerated() {
            if let fault = stream.fault {
                throw TrafficError(.invalidProfile, "streams[\(number)] '\(stream.name)': \(fault)")
            }
            guard names.insert(stream.name).inserted else {
                throw TrafficError(.invalidProfile, "streams[\(number)]: the name '\(stream.name)' is taken")
            }
        }
    }

    /// The same streams with other sizes: RFC 2544 goes through a list of them.
    public func with(frameSizes: FrameSizes) -> TrafficProfile {
        var copy = self
        for index in copy.streams.indices { copy.streams[index].frameSizes = frameSizes }
        return copy
    }

    private static func explain(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.reduce("") { text, key in
                key.intValue.map { text + "[\($0)]" } ?? (text.isEmpty ? "" : text + ".") + key.stringValue.snakeCase
            }
        }
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : place(context.codingPath) + ": "
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return place(context) + "'\(key.stringValue.snakeCase)' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return place(context) + context.debugDescription
        case DecodingError.dataCorrupted(let context):
            let reason = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
            return place(context) + context.debugDescription + (reason.map { " \($0)" } ?? "")
        default: return "\(error)"
        }
    }
}

extension String {
    /// The key as it stands in JSON.
    var snakeCase: String {
        reduce(into: "") { text, character in
            if character.isUppercase { text += "_" }
            text += character.lowercased()
        }
    }
}
