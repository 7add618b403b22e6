/// A diagnostic before the text of its line is put to it.
struct Finding: Error {
    let code: DiagnosticCode
    let message: String
    let range: SourceRange
    let expected: [String]
    var hint: String?
    /// The line that says something else of the same.
    var contradictedLine: Int?

    init(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, expected: [String] = [], hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.range = range
        self.expected = expected
        self.hint = hint
    }
}

extension SourceText {
    /// The place of a range for people.
    func location(of range: SourceRange) -> SourceLocation {
        SourceLocation(
            file: file, line: range.line, column: scalarCount(line(range.line).prefix(range.octets.lowerBound)) + 1)
    }

    func diagnostic(for finding: Finding) -> ConfigurationDiagnostic {
        let line = MaskedLine(line(finding.range.line))
        let range = line.range(finding.range.octets)
        let marked = line.octets.dropFirst(range.lowerBound).prefix(range.count)
        return ConfigurationDiagnostic(
            code: finding.code, message: line.masked(finding.message),
            location: location(of: SourceRange(line: finding.range.line, octets: range)),
            lineText: String(decoding: line.octets, as: UTF8.self), length: max(1, scalarCount(marked)),
            expected: finding.expected, hint: finding.hint)
    }

    /// Counts the octets that are no continuation of a UTF-8 sequence.
    private func scalarCount(_ octets: some Sequence<UInt8>) -> Int {
        octets.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }
}
