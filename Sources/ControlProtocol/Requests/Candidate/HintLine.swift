/// `candidate.hints`: what can come next in a line that is being typed.
public struct HintLine: ControlRequest {
    public typealias Answer = LineHintsResult
    public static let method = "candidate.hints"
    public static let isChange = false

    /// The words that are complete.
    public var words: String

    public init(words: String) { self.words = words }
}

/// Answer to `candidate.hints`.
public struct LineHintsResult: ControlResult {
    public static let schemaIdentifier = "stile.candidate.hints/1"
    public private(set) var schema = LineHintsResult.schemaIdentifier

    public struct Hint: Codable, Hashable, Sendable {
        /// The word itself, or what has to stand there.
        public let word: String
        public let help: String
        /// Whether the word can be put in as it is.
        public let isLiteral: Bool

        public init(word: String, help: String, isLiteral: Bool) {
            self.word = word
            self.help = help
            self.isLiteral = isLiteral
        }
    }

    public let hints: [Hint]

    public init(hints: [Hint]) { self.hints = hints }
}

extension LineHintsResult {
    public func text(_ style: TextStyle) -> String {
        var table = TextTable([.name("WORD"), .name("HELP")], emptyText: "nothing can come here")
        for hint in hints { table.append([TextTable.Cell(hint.word), TextTable.Cell(hint.help)]) }
        return table.text(style)
    }
}
