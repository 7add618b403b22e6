import ControlProtocol
import ControlProtocolSamples
import Testing

@Suite("Text tables")
struct TextTableTests {
    @Test("names stand left, numbers right, without borders and trailing blanks")
    func alignment() {
        var table = TextTable([.name("NAME"), .number("PACKETS"), .name("HELP")], emptyText: "none")
        table.append(["a", "1", "x"])
        table.append(["longer", "12345678", "yy"])
        #expect(table.text(.plain) == "NAME     PACKETS  HELP\na              1  x\nlonger  12345678  yy\n")
    }

    @Test("a table without rows says so")
    func empty() {
        #expect(TextTable([.name("NAME")], emptyText: "nothing here").text(.plain) == "nothing here\n")
    }

    @Test("colour does not change the text")
    func colour() {
        let plain = Samples.status.text(.plain)
        let coloured = Samples.status.text(TextStyle(usesColour: true))
        #expect(coloured.contains("\u{1B}[31maway\u{1B}[0m"))
        #expect(coloured.replacing(/\u{1B}\[\d+m/, with: "") == plain)
    }

    @Test("columns never shrink from page to page")
    func pages() {
        var layout = TextTable.Layout()
        var first = TextTable([.name("A"), .number("B")], emptyText: "")
        first.append(["long name", "1"])
        var second = TextTable([.name("A"), .number("B")], emptyText: "")
        second.append(["x", "22"])
        #expect(layout.text(of: first, .plain) == "A          B\nlong name  1\n")
        #expect(layout.text(of: second, .plain) == "x          22\n")
    }

    @Test(
        "control characters are shown, not sent",
        arguments: [
            ("plain", "plain"), ("\u{1B}[2J", "\\u{1b}[2J"), ("a\nb\r", "a\\u{a}b\\u{d}"), ("\u{9B}1m", "\\u{9b}1m"),
            ("é✓", "é✓"),
        ])
    func controlCharacters(_ text: String, _ shown: String) {
        #expect(text.withoutControlCharacters == shown)
        #expect(TextTable.Cell(text).text == shown)
    }

    @Test("a caret stands under the text at fault")
    func caret() {
        #expect(
            Samples.diagnostic.description == """
                stile.conf:3:2: error: unknown keyword 'iint' [unknown-keyword]
                  \tiint ten1/0
                  \t^~~~
                  expected: interface, ip
                  hint: did you mean 'int'?

                """)
    }

    @Test("exit codes of errors", arguments: ControlErrorCode.allCases)
    func exitCodes(_ code: ControlErrorCode) {
        let expected: [ControlErrorCode: ExitCode] = [
            .parseError: .refused, .invalidRequest: .refused, .methodNotFound: .refused, .internalError: .refused,
            .refused: .refused, .invalidParameters: .usage, .configurationInvalid: .configurationInvalid,
            .dataPlaneNotRunning: .noDaemon, .timedOut: .timedOut, .notPermitted: .notPermitted,
            .noSuchObject: .noSuchObject,
        ]
        #expect(code.exitCode == expected[code])
        #expect(ControlClientError.refusal(ControlError(code, "")).exitCode == code.exitCode)
    }
}
