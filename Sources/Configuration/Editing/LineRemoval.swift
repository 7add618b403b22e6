/// Which lines of a block `no …` is about: the one that is the same, or those that begin so. A bare keyword is not enough for
/// several.
struct LineRemoval {
    private let line: LexedLine
    private let words: [String]
    private let statementWords: Int

    /// - Parameter line: what stands behind `no`.
    init(_ line: LexedLine, _ spelled: SpelledWords?) {
        self.line = line
        words = Self.words(
            of: spelled?.text(of: line, sayingNumber: false) ?? line.tokens.map(\.text).joined(separator: " "))
        statementWords = spelled?.statementWords ?? 0
    }

    /// - Throws: that there is none, or which it could be.
    func positions(among lines: [TreeLine]) throws(Finding) -> [Int] {
        let forms = lines.map(Self.forms)
        let same = lines.indices.filter { forms[$0].contains(words) }
        if !same.isEmpty { return same }
        let beginning = lines.indices.filter { forms[$0].contains { $0.starts(with: words) } }
        guard !beginning.isEmpty else {
            throw Finding(.undefinedLine, "there is no such line here", at: range)
        }
        guard beginning.count == 1 || words.count > statementWords else {
            throw Finding(
                .undefinedLine, "\(beginning.count) lines begin so", at: range,
                expected: beginning.prefix(5).map { lines[$0].text }, hint: "say more of the line that is to go")
        }
        return beginning
    }

    private var range: SourceRange {
        let begin = line.tokens.first?.octets.lowerBound ?? 0
        return SourceRange(line: line.number, octets: begin..<(line.tokens.last?.octets.upperBound ?? begin))
    }

    /// The words of a line; of an entry with a number also without it.
    private static func forms(of line: TreeLine) -> [[String]] {
        let all = words(of: line.text)
        var forms = [all]
        if line.sequence != nil { forms.append(Array(all.dropFirst())) }
        if let place = all.firstIndex(of: "seq"), place + 1 < all.count {
            forms.append(Array(all[..<place] + all[(place + 2)...]))
        }
        return forms
    }

    private static func words(of text: String) -> [String] {
        ((try? LineLexer.lex(Array(text.utf8)[...], number: 1))?.tokens ?? []).map { $0.isQuoted ? $0.text : $0.folded }
    }
}
