/// What lines of output go through.
package enum LineFilter: Hashable, Sendable {
    /// Only the lines in which the pattern is found.
    case include(String)
    case exclude(String)
    /// From the first line on in which the pattern is found.
    case begin(String)
    /// The lines in which the pattern is found, each with those that are indented more below it.
    case section(String)
    /// How many lines there are.
    case count
    /// All at once.
    case noMore

    /// In the order of ``words``.
    static let words = ["include", "exclude", "begin", "section", "count", "no-more"]
    static let helps = [
        "only lines in which a pattern is found", "only lines in which it is not found",
        "from the first line on in which it is found", "the blocks whose first line it is found in",
        "how many lines there are", "without stopping when the screen is full",
    ]

    /// - Parameter words: what stands behind a vertical bar.
    init(_ words: [String]) throws(UsageError) {
        guard let first = words.first else {
            throw UsageError(message: "'|' is without its word", expected: Self.words)
        }
        let word = try CommandGrammar.match(first, among: Self.words)
        let pattern = words.dropFirst().joined(separator: " ")
        if word == "count" || word == "no-more" {
            guard pattern.isEmpty else {
                throw UsageError(message: "'\(pattern)' is too much", expected: ["the end of the command"])
            }
            self = word == "count" ? .count : .noMore
            return
        }
        guard !pattern.isEmpty else {
            throw UsageError(message: "'\(word)' is without its pattern", expected: ["PATTERN"])
        }
        guard (try? Regex(pattern)) != nil else {
            throw UsageError(message: "'\(pattern)' is no regular expression", expected: ["PATTERN"])
        }
        switch word {
        case "include": self = .include(pattern)
        case "exclude": self = .exclude(pattern)
        case "begin": self = .begin(pattern)
        default: self = .section(pattern)
        }
    }
}
