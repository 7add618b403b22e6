import Foundation
import Testing

/// One case of `Fixtures/frames.json`, made by scapy.
struct FrameFixture: Decodable, Sendable, CustomTestStringConvertible {
    struct Output: Decodable, Sendable {
        var port: UInt16
        var frame: String
    }

    var name: String
    var port: UInt16
    var input: String
    /// `transmit`, `fragmented`, `replicated`, `drop:reason` or `punt:class`.
    var verdict: String
    var out: [Output]

    enum CodingKeys: String, CodingKey {
        case name, port, verdict, out
        case input = "in"
    }

    var testDescription: String { name }

    static func all() throws -> [FrameFixture] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/frames.json")
        return try JSONDecoder().decode([FrameFixture].self, from: Data(contentsOf: file))
    }
}

/// The octets that a string of hexadecimal digits names; anything else in it ends the frame early.
func octets(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ octets: some Sequence<UInt8>) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
