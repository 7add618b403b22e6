import ControlProtocol
import ControlProtocolSamples
import Foundation
import SeededRandom
import Testing

/// Whatever a client sends, the server answers with JSON-RPC or not at all, and goes on serving.
@Suite("Control server under malformed input")
struct ControlServerFuzzTests {
    private struct Answer: Decodable {
        struct Failure: Decodable { let code: Int }
        let jsonrpc: String
        let error: Failure?
    }

    @Test("mutated requests", arguments: [UInt64(1), 2, 3])
    func mutatedRequests(_ seed: UInt64) async throws {
        print("seed \(seed)")
        let seeds = try Samples.exchanges.map {
            [UInt8](try RequestDocument(identifier: .number(1), request: $0.request).line())
        }
        let marker = #"{"jsonrpc":"2.0","id":"marker","method":"show.ports"}"#
        try await ServerFixture.withServer { fixture in
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<100 {
                let connection = try RawConnection(fixture.path)
                for _ in 0..<5 {
                    let line = Self.mutate(seeds.randomElement(using: &generator) ?? [], using: &generator)
                    connection.send(line + [UInt8(ascii: "\n")])
                }
                connection.send(line: marker)
                var isServed = false
                while !isServed, let line = connection.receiveLine() {
                    let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
                    #expect(answer.jsonrpc == "2.0")
                    if let code = answer.error?.code { #expect([-32700, -32600, -32601, -32602].contains(code)) }
                    isServed = line.contains(#""id":"marker""#)
                }
                try #require(isServed, "the connection ended; seed \(seed)")
            }
        }
    }

    private static func mutate(_ line: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var line = line
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let position = Int.random(in: 0...line.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: line.insert(UInt8.random(in: .min ... .max, using: &generator), at: position)
            case 1 where position < line.count: line[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2 where position < line.count: line.remove(at: position)
            case 3: line.removeSubrange(position...)
            case 4: line.insert(contentsOf: line[..<position], at: position)
            default: line.insert(contentsOf: Array("99999999999999999999".utf8), at: position)
            }
        }
        return line.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    }
}
