import OperatorCommands
import Testing

@Suite("Line editor")
struct LineEditorTests {
    @Test(
        "keys and the line they leave",
        arguments: [
            ("show", "show"), ("shw\u{1B}[Do", "show"), ("show\u{7F}", "sho"), ("ab\u{01}\u{1B}[3~", "b"),
            ("a b c\u{17}x", "a b x"), ("abc\u{15}", ""), ("abc\u{02}\u{0B}", "ab"), ("sho\t", "show "),
            ("show bgp vp\t", "show bgp vpnv"), ("é✓\u{7F}", "é"), ("a\u{1B}[1;5Pb", "ab"),
        ])
    func editing(_ keys: String, _ line: String) {
        var editor = LineEditor()
        _ = type(keys, into: &editor)
        #expect(editor.text == line)
    }

    @Test("lines that were typed come back, and the new one after them")
    func history() {
        var editor = LineEditor()
        #expect(type("one\rtwo\rtwo\r  \r", into: &editor).last == .submit("  "))
        #expect(editor.history == ["one", "two"])
        _ = type("new\u{1B}[A\u{1B}[A", into: &editor)
        #expect(editor.text == "one")
        _ = type("\u{1B}[A\u{1B}[B\u{1B}[B", into: &editor)
        #expect(editor.text == "new")
    }

    @Test("keys that mean something to the session")
    func effects() {
        var editor = LineEditor()
        #expect(type("\u{04}", into: &editor) == [.endOfInput])
        #expect(type("show ?", into: &editor).last == .listCandidates)
        #expect(editor.text == "show ")
        #expect(type("\u{03}", into: &editor) == [.cancel])
        #expect(editor.text.isEmpty)
    }

    @Test("no octets bring the editor down", arguments: [UInt64(1), 2, 3])
    func arbitraryOctets(_ seed: UInt64) {
        print("seed \(seed)")
        var state = seed
        var decoder = KeyDecoder()
        var editor = LineEditor()
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX generator
            if let key = decoder.decode(UInt8(truncatingIfNeeded: state >> 56)) { _ = editor.handle(key) }
            #expect((0...editor.characters.count).contains(editor.cursor))
        }
    }

    private func type(_ keys: String, into editor: inout LineEditor) -> [LineEditor.Effect] {
        var decoder = KeyDecoder()
        return keys.utf8.compactMap { decoder.decode($0) }.map { editor.handle($0) }
    }
}
