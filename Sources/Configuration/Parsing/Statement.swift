/// What the statements of a block are read into.
protocol StatementSubject: SendableMetatype {
    /// What the canonical text of such a block is printed from.
    associatedtype Printed
}

/// One statement of a block: the words it begins with, what its arguments do to the subject of the block, how it stands
/// in the canonical text, and what a person is told about it.
struct Statement<Subject: StatementSubject>: Sendable {
    let words: [Keyword]
    let opensBlock: Bool
    /// `nil` for what people are not told of: a refused statement, and the beginning of statements of another table.
    var help: StatementHelp?
    var printing: StatementPrinting<Subject.Printed> = .never
    let read: @Sendable (inout LineReader, inout Subject) throws(Finding) -> Mode?

    /// Whether the canonical text has it, or one in its place.
    var isPrinted: Bool {
        if case .never = printing { help == nil } else { true }
    }

    /// A statement of one line.
    ///
    /// - Parameters:
    ///   - help: what it says, in a few words.
    ///   - example: a whole line, in its canonical form if the statement has one.
    static func line(
        _ words: Keyword..., help: String, example: String, prints: StatementPrinting<Subject.Printed>,
        read: @escaping @Sendable (inout LineReader, inout Subject) throws(Finding) -> Void
    ) -> Self {
        Self(
            words: words, opensBlock: false, help: StatementHelp(text: help, example: example), printing: prints
        ) { reader, subject throws(Finding) in
            try read(&reader, &subject)
            return nil
        }
    }

    /// A statement that opens a block. It is printed as the head of its block.
    static func block(
        _ words: Keyword..., help: String, example: String,
        prints: StatementPrinting<Subject.Printed> = .inOrder,
        read: @escaping @Sendable (inout LineReader, inout Subject) throws(Finding) -> Mode
    ) -> Self {
        Self(
            words: words, opensBlock: true, help: StatementHelp(text: help, example: example), printing: prints
        ) { reader, subject throws(Finding) in try read(&reader, &subject) }
    }

    /// What statements of a table of their own begin with.
    static func prefix(
        _ words: Keyword..., read: @escaping @Sendable (inout LineReader, inout Subject) throws(Finding) -> Void
    ) -> Self {
        Self(words: words, opensBlock: false) { reader, subject throws(Finding) in
            try read(&reader, &subject)
            return nil
        }
    }

    /// A statement that other boxes know and this one refuses.
    static func refused(_ words: Keyword..., hint: String) -> Self {
        Self(words: words, opensBlock: false) { reader, _ throws(Finding) in
            let name = words.map(\.spelling).joined(separator: " ")
            throw Finding(.notSupported, "'\(name)' is not supported", at: reader.wordsRange, hint: hint)
        }
    }
}

/// What a person is told about a statement.
struct StatementHelp: Sendable {
    let text: String
    let example: String
}

/// How a statement stands in the canonical text.
enum StatementPrinting<Printed>: Sendable {
    /// Lines of its own, which are made of the block's model.
    case lines(rank: Int, @Sendable (Printed) -> [String])
    /// The block's own printer writes it: as the head of a block, or among others in the order in which they were said.
    case inOrder
    /// As this line, which another statement prints.
    case like(String)
    /// Not at all: it says what holds anyway.
    case never
    /// Not at all: it is carried out once.
    case carriedOut

    /// At most one line.
    ///
    /// - Parameter rank: where it stands; those of one rank stand in the order of the table.
    static func line(rank: Int = 5, _ make: @escaping @Sendable (Printed) -> String?) -> Self {
        .lines(rank: rank) { printed in make(printed).map { [$0] } ?? [] }
    }

    /// A line that stands there or not.
    static func line(_ text: String, rank: Int = 5, if holds: @escaping @Sendable (Printed) -> Bool) -> Self {
        .lines(rank: rank) { printed in holds(printed) ? [text] : [] }
    }

    static func lines(_ make: @escaping @Sendable (Printed) -> [String]) -> Self { .lines(rank: 5, make) }
}

/// The statements of one kind of block.
struct StatementTable<Subject: StatementSubject>: Sendable {
    let statements: [Statement<Subject>]
    private let byFirstForm: [String: [Int]]
    /// In their order in the canonical text.
    private let printers: [(rank: Int, lines: @Sendable (Subject.Printed) -> [String])]

    init(_ statements: [Statement<Subject>]) {
        self.statements = statements
        var index: [String: [Int]] = [:]
        for (position, statement) in statements.enumerated() {
            for form in statement.words.first?.forms ?? [] { index[form, default: []].append(position) }
        }
        byFirstForm = index
        let printers = statements.enumerated().compactMap { position, statement in
            if case .lines(let rank, let lines) = statement.printing { (rank, position, lines) } else { nil }
        }
        self.printers = printers.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { (rank: $0.0, lines: $0.2) }
    }

    /// The statements that stand for a block's model in the canonical text, without indentation.
    func lines(of printed: Subject.Printed, ranks: Range<Int> = 0..<10) -> [String] {
        var lines: [String] = []
        for printer in printers where ranks.contains(printer.rank) { lines += printer.lines(printed) }
        return lines
    }

    enum Match {
        /// The statement, whose words are the first tokens.
        case statement(Statement<Subject>)
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
                if let complete { return .statement(statements[complete]) }
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
