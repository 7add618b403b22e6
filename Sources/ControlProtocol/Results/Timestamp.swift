import Foundation

/// A point in time with a resolution of one second, in JSON as RFC 3339 in UTC: `2026-11-20T23:08:28Z`.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let secondsSince1970: Int64

    public init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    /// RFC 3339 text with whole seconds; `nil` for anything else.
    public init?(_ text: String) {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        secondsSince1970 = Int64(date.timeIntervalSince1970)
    }

    public static func < (a: Self, b: Self) -> Bool { a.secondsSince1970 < b.secondsSince1970 }
}

extension Timestamp: CustomStringConvertible {
    public var description: String {
        Date(timeIntervalSince1970: TimeInterval(secondsSince1970)).formatted(.iso8601)
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "a time in RFC 3339 form") { Timestamp($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}
