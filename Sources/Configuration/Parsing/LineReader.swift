import Addressing

/// Reads the words of one line from left to right.
struct LineReader {
    let number: Int
    let octets: ArraySlice<UInt8>
    var tokens: [Token]
    /// The index of the next token.
    var position = 0
    /// How the canonical text spells what has been read; `nil` where nobody asks.
    var spelled: SpelledWords?

    init(_ line: LexedLine, spells: Bool = false) {
        number = line.number
        octets = line.octets
        tokens = line.tokens
        if spells { spelled = SpelledWords() }
    }

    var isAtEnd: Bool { position >= tokens.count }

    func range(of token: Token) -> SourceRange { SourceRange(line: number, octets: token.octets) }

    /// The range of the tokens that were read so far; of the first where none was.
    var wordsRange: SourceRange {
        let last = tokens.isEmpty ? 0 : min(max(position, 1), tokens.count) - 1
        guard tokens.indices.contains(last) else { return SourceRange(line: number, octets: 0..<0) }
        return SourceRange(line: number, octets: tokens[0].octets.lowerBound..<tokens[last].octets.upperBound)
    }

    /// The place behind the last word.
    var endRange: SourceRange {
        let end = tokens.last.map(\.octets.upperBound) ?? 0
        return SourceRange(line: number, octets: end..<end)
    }

    /// The next token; it is an error if there is none.
    mutating func next(_ expected: String...) throws(Finding) -> Token {
        guard position < tokens.count else { throw missing(expected) }
        defer { position += 1 }
        return tokens[position]
    }

    func missing(_ expected: [String]) -> Finding {
        Finding(.missingArgument, "the line ends too early", at: endRange, expected: expected)
    }

    /// Ends the line: it is an error if anything is left.
    func finish() throws(Finding) {
        guard position < tokens.count else { return }
        throw Finding(
            .unexpectedArgument, "'\(tokens[position].text)' is more than this statement takes",
            at: range(of: tokens[position]), expected: ["end of line"])
    }

    /// Reads a keyword if it is the next token.
    mutating func take(_ keyword: Keyword) -> Bool {
        guard position < tokens.count, keyword.matches(tokens[position]) else {
            if isAtEnd { spelled?.offer(keyword) }
            return false
        }
        spelled?.note(keyword, at: position)
        position += 1
        return true
    }

    /// Reads one of several keywords and gives what it stands for.
    mutating func choose<Choice>(_ choices: KeyValuePairs<Keyword, Choice>) throws(Finding) -> Choice {
        let spellings = choices.map(\.key.spelling)
        guard position < tokens.count else { throw missing(spellings) }
        let token = tokens[position]
        for (keyword, choice) in choices where keyword.matches(token) {
            spelled?.note(keyword, at: position)
            position += 1
            return choice
        }
        let near = suggestion(for: token, among: choices.map(\.key))
        throw Finding(
            .unknownKeyword, "unknown keyword '\(token.text)'", at: range(of: token), expected: spellings,
            hint: near.map { "did you mean '\($0)'?" })
    }

    /// Reads a keyword that must be there.
    mutating func expect(_ keyword: Keyword) throws(Finding) {
        try choose([keyword: ()])
    }

    func invalid(_ token: Token, expected: String..., hint: String? = nil) -> Finding {
        Finding(
            .invalidValue, "invalid value '\(token.text)'", at: range(of: token), expected: expected, hint: hint)
    }

    func located<Value>(_ value: Value, _ token: Token) -> Located<Value> {
        Located(value: value, range: range(of: token))
    }

    /// Gives a setting that an object has once its value. It may be said again, but not differently.
    ///
    /// Mutating only so that the value, which the same reader reads, is read before the range of the words is taken.
    mutating func assign<Value: Equatable>(_ setting: inout Located<Value>?, _ value: Value) throws(Finding) {
        try assign(&setting, Located(value: value, range: wordsRange))
    }

    /// The same with a place of its own, where a diagnostic about it points: a name may turn out to be unknown.
    mutating func assign<Value: Equatable>(
        _ setting: inout Located<Value>?, _ value: Located<Value>
    ) throws(Finding) {
        if let earlier = setting, earlier.value != value.value { throw contradiction(of: earlier.range) }
        setting = setting ?? value
    }

    /// `seq N` of a list's entry. Without it five more than the highest so far, the customary step; a list that ends at the
    /// highest number there is needs it.
    mutating func sequence(behind highest: UInt32?) throws(Finding) -> UInt32 {
        if take("seq") { return try number("a sequence number", in: 1...UInt32.max) }
        let highest = highest ?? 0
        let sequence = highest > UInt32.max - 5 ? highest : highest + 5
        spelled?.insert("seq \(sequence)", at: position)
        return sequence
    }

    /// Passes over the words of a statement.
    mutating func pass(_ words: [Keyword]) {
        spelled?.note(statement: words, at: position)
        position += words.count
    }

    func contradiction(of earlier: SourceRange) -> Finding {
        var finding = Finding(
            .conflictingStatement, "this contradicts line \(earlier.line)", at: wordsRange,
            hint: "keep one of the two lines")
        finding.contradictedLine = earlier.line
        return finding
    }
}
