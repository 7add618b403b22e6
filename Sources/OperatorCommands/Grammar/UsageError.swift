/// Words that are no command, with what could have stood there.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package var expected: [String] = []
    /// Which word of the line is at fault, from 0; the number of words for what is missing behind them.
    var position: Int?
    var hint: String?

    package var description: String { text(below: nil) }

    /// - Parameter line: shown with a caret under the word at fault.
    package func text(below line: String?) -> String {
        var text = message
        if let line, let position { text += "\n" + Self.caret(position, line) }
        if !expected.isEmpty { text += "\nexpected: \(expected.joined(separator: ", "))" }
        return text + (hint.map { "\n\($0)" } ?? "")
    }

    func moved(by words: Int) -> UsageError {
        var moved = self
        moved.position = position.map { $0 + words }
        return moved
    }

    private static func caret(_ position: Int, _ line: String) -> String {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.indices.contains(position) else {
            let end = line.last?.isWhitespace == false ? line.count + 1 : line.count
            return "  \(line)\n  \(String(repeating: " ", count: end))^"
        }
        let padding = String(line[..<words[position].startIndex].map { $0 == "\t" ? "\t" : " " as Character })
        return "  \(line)\n  \(padding)^\(String(repeating: "~", count: words[position].count - 1))"
    }
}
