import ControlProtocol
import NIOCore
import SeededRandom
import Testing

@Suite("Lines of a stream")
struct LineDecoderTests {
    @Test("the same lines come out however the octets are cut", arguments: [UInt64(4), 5, 6])
    func cuts(_ seed: UInt64) {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let lines = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                String(repeating: "x", count: Int.random(in: 0..<30, using: &generator))
            }
            let octets = Array(lines.map { $0 + "\n" }.joined().utf8)
            let expected = lines.map { $0.utf8.count > 16 ? ReceivedLine.tooLong : .line(ByteBuffer(string: $0)) }
            #expect(decode(octets, limit: 16, using: &generator) == expected)
        }
    }

    @Test("a line that never ends is not kept")
    func endless() {
        var decoder = LineDecoder(largestBytes: 16)
        var buffer = ByteBuffer()
        var reports = 0
        for _ in 0..<1000 {
            buffer.writeString(String(repeating: "x", count: 64))
            while decoder.decode(buffer: &buffer) != nil { reports += 1 }
            #expect(buffer.readableBytes <= 16)
        }
        #expect(reports == 1)
    }

    @Test("what stands behind the last newline is no line")
    func unterminated() {
        var decoder = LineDecoder(largestBytes: 16)
        var buffer = ByteBuffer(string: "a\nb")
        #expect(decoder.decodeLast(buffer: &buffer, seenEOF: true) == .line(ByteBuffer(string: "a")))
        #expect(decoder.decodeLast(buffer: &buffer, seenEOF: true) == nil)
    }

    private func decode(
        _ octets: [UInt8], limit: Int, using generator: inout SeededGenerator
    ) -> [ReceivedLine] {
        var decoder = LineDecoder(largestBytes: limit)
        var buffer = ByteBuffer()
        var lines: [ReceivedLine] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...20, using: &generator))
            rest = rest.dropFirst(piece.count)
            buffer.writeBytes(piece)
            while let line = decoder.decode(buffer: &buffer) { lines.append(line) }
        }
        return lines
    }
}
