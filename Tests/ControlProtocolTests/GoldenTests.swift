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

    @Test("JSON of each result", arguments: Samples.exchanges)
    func json(_ sample: SampleExchange) throws {
        let document = ResponseDocument(identifier: .number(1), outcome: .success(sample.answer))
        try compare(try document.line() + Data("\n".utf8), with: "\(sample).json")
    }

    @Test("text of each result", arguments: Samples.exchanges)
    func text(_ sample: SampleExchange) throws {
        let text = sample.answer.text(.plain)
        #expect(text.hasSuffix("\n"))
        #expect(!text.contains("\u{1B}"), "a terminal could be steered")
        try compare(Data(text.utf8), with: "\(sample).txt")
    }

    @Test("JSON of each request", arguments: Samples.exchanges)
    func request(_ sample: SampleExchange) throws {
        let document = RequestDocument(identifier: .text("a"), request: sample.request)
        try compare(try document.line() + Data("\n".utf8), with: "\(sample).request.json")
    }

    private func compare(_ content: Data, with name: String) throws {
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["STILE_WRITE_GOLDEN"] != nil { try content.write(to: file) }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(String(decoding: content, as: UTF8.self) == expected)
    }
}
