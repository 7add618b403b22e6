import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

/// The documents that other programs read stay as they are: each result is compared with a file in `Golden`.
///
/// After a change that is meant, `STILE_WRITE_GOLDEN=1 swift test --filter GoldenTests` writes the files anew.
@Suite("Golden documents")
struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test("JSON of each result", arguments: ControlMethod.allCases)
    func json(_ method: ControlMethod) throws {
        let document = ResponseDocument(
            identifier: .number(1), outcome: .success(Samples.answer(to: Samples.request(method))))
        try compare(try document.line() + Data("\n".utf8), with: "\(method.rawValue).json")
    }

    @Test("text of each result", arguments: ControlMethod.allCases)
    func text(_ method: ControlMethod) throws {
        let text = Samples.answer(to: Samples.request(method)).result.text(.plain)
        #expect(text.hasSuffix("\n"))
        #expect(!text.contains("\u{1B}"), "a terminal could be steered")
        try compare(Data(text.utf8), with: "\(method.rawValue).txt")
    }

    @Test("JSON of each request", arguments: ControlMethod.allCases)
    func request(_ method: ControlMethod) throws {
        let document = RequestDocument(identifier: .text("a"), request: Samples.request(method))
        try compare(try document.line() + Data("\n".utf8), with: "\(method.rawValue).request.json")
    }

    private func compare(_ content: Data, with name: String) throws {
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["STILE_WRITE_GOLDEN"] != nil { try content.write(to: file) }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(String(decoding: content, as: UTF8.self) == expected)
    }
}
