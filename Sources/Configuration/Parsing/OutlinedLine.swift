/// A line as the reader of a text placed it.
struct OutlinedLine {
    /// Its number in the text, from 1.
    let number: Int
    /// How many blocks it stands in.
    let depth: Int
    /// In canonical spelling, without indentation and comment.
    let text: String
    /// The comment behind it, with its exclamation mark.
    let remark: String?
    let opened: Mode?

    init(_ line: LexedLine, _ outcome: Outcome, depth: Int) {
        number = line.number
        self.depth = depth
        text = outcome.spelled?.text(of: line) ?? ""
        remark = line.remark
        opened = outcome.opened
    }
}

extension LexedLine {
    /// The comment behind the words, with its exclamation mark; `nil` for none.
    var remark: String? {
        let rest = octets.dropFirst(tokens.last?.octets.upperBound ?? 0)
        guard let begin = rest.firstIndex(of: UInt8(ascii: "!")) else { return nil }
        let comment = String(decoding: rest[begin...], as: UTF8.self)
        return comment.contains { $0 != "!" && !$0.isWhitespace } ? comment : nil
    }
}
