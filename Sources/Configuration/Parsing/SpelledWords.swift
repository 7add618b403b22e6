/// A line as the canonical text spells its words, as far as it has been read: keywords in full, and the sequence number
/// that an entry gets where it says none.
struct SpelledWords {
    /// By the index of the token.
    private var words: [Int: String] = [:]
    private var inserted: (position: Int, words: String)?
    /// How many tokens the words of the statement took.
    private(set) var statementWords = 0
    /// Keywords that could stand behind the last word.
    private(set) var offered: [String] = []

    mutating func note(_ keyword: Keyword, at position: Int) { words[position] = keyword.spelling }

    mutating func note(statement: [Keyword], at position: Int) {
        for (offset, keyword) in statement.enumerated() { note(keyword, at: position + offset) }
        statementWords = position + statement.count
    }

    /// Words that the line does not have, in front of a token.
    mutating func insert(_ text: String, at position: Int) { inserted = (position, text) }

    mutating func offer(_ keyword: Keyword) { offered.append(keyword.spelling) }

    /// The line without indentation and comment. What is no keyword stays as it was written.
    ///
    /// - Parameter says: whether a number is said that the line itself does not say.
    func text(of line: LexedLine, sayingNumber says: Bool = true) -> String {
        guard let first = line.tokens.first else { return "" }
        var octets: [UInt8] = []
        var end = first.octets.lowerBound
        for (position, token) in line.tokens.enumerated() {
            octets += line.octets.dropFirst(end).prefix(token.octets.lowerBound - end)
            if says, let inserted, inserted.position == position { octets += Array("\(inserted.words) ".utf8) }
            if let word = words[position] {
                octets += Array(word.utf8)
            } else {
                octets += line.octets.dropFirst(token.octets.lowerBound).prefix(token.octets.count)
            }
            end = token.octets.upperBound
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
