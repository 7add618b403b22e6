/// One statement of a block: the words it begins with, and what its arguments do to the subject of the block.
struct Statement<Subject>: Sendable {
    let words: [Keyword]
    let opensBlock: Bool
    let read: @Sendable (inout LineReader, inout Subject) throws(Finding) -> Mode?

    /// A statement of one line.
    static func line(
        _ words: Keyword..., read: @escaping @Sendable (inout LineReader, inout Subject) throws(Finding) -> Void
    ) -> Self {
        Self(words: words, opensBlock: false) { reader, subject throws(Finding) in
            try read(&reader, &subject)
            return nil
        }
    }

    /// A statement that opens a block.
    static func block(
        _ words: Keyword..., read: @escaping @Sendable (inout LineReader, inout Subject) throws(Finding) -> Mode
    ) -> Self {
        Self(words: words, opensBlock: true) { reader, subject throws(Finding) in try read(&reader, &subject) }
    }

    /// A statement that other boxes know and this one refuses.
    static func refused(_ words: Keyword..., hint: String) -> Self {
        Self(words: words, opensBlock: false) { reader, _ throws(Finding) in
            let name = words.map(\.spelling).joined(separator: " ")
            throw Finding(.notSupported, "'\(name)' is not supported", at: reader.wordsRange, hint: hint)
        }
    }
}

/// The statements of one kind of block.
struct StatementTable<Subject>: Sendable {
    private let statements: [Statement<Subject>]
    private let byFirstForm: [String: [Int]]

    init(_ statements: [Statement<Subject>]) {
        self.statements = statements
        var index: [String: [Int]] = [:]
        for (position, statement) in statements.enumerated() {
            for form in statement.words.first?.forms ?? [] { index[form, default: []].append(position) }
        }
        byFirstForm = index
    }

    enum Match {
        /// The statement, and how many tokens its words took.
        case statement(Statement<Subject>, wordCount: Int)
        /// No statement has this token, or the end of the line, at this position behind the words before it.
        case mismatch(position: Int, candidates: [Keyword])
    }

    /// Finds the statement that tokens begin with; where several do, the one with the most words.
    func match(_ tokens: ArraySlice<Token>) -> Match {
        guard let first = tokens.first, !first.isQuoted, let indices = byFirstForm[first.folded] else {
            return .mismatch(position: tokens.startIndex, candidates: distinct(statements.compactMap(\.words.first)))
        }
        // Positions, since statements are costlier to hand about, and this is done for each line.
        var candidates = indices
        var complete: Int?
        var depth = 1
        while true {
            complete = candidates.first { statements[$0].words.count == depth } ?? complete
            let deeper = candidates.filter { statements[$0].words.count > depth }
            let position = tokens.startIndex + depth
            let matching =
                position < tokens.endIndex
                ? deeper.filter { statements[$0].words[depth].matches(tokens[position]) } : []
            if matching.isEmpty {
                if let complete { return .statement(statements[complete], wordCount: statements[complete].words.count) }
                return .mismatch(position: position, candidates: distinct(deeper.map { statements[$0].words[depth] }))
            }
            candidates = matching
            depth += 1
        }
    }

    /// Whether a statement begins with these tokens.
    func knows(_ tokens: ArraySlice<Token>) -> Bool {
        // Most tables do not know a word that is wrong, and what they know instead is of no interest here.
        guard let first = tokens.first, !first.isQuoted, byFirstForm[first.folded] != nil else { return false }
        if case .statement = match(tokens) { return true }
        return false
    }

    private func distinct(_ keywords: [Keyword]) -> [Keyword] {
        var seen: Set<String> = []
        return keywords.filter { seen.insert($0.spelling).inserted }
    }
}
