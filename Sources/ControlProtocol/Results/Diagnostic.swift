/// One thing that is wrong or odd in a configuration, for people.
public struct Diagnostic: Codable, Hashable, Sendable {
    public enum Severity: String, Codable, Hashable, Sendable, CaseIterable {
        case error
        case warning
    }

    public let severity: Severity
    /// A stable identifier of the kind of error.
    public let code: String
    public let message: String
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// The line at fault as it stands in the file.
    public let lineText: String
    /// How many Unicode scalars are at fault, from 1.
    public let length: Int
    /// What could have stood there.
    public let expected: [String]
    public let hint: String?

    public init(
        severity: Severity, code: String, message: String, file: String, line: Int, column: Int, lineText: String,
        length: Int, expected: [String], hint: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.lineText = lineText
        self.length = length
        self.expected = expected
        self.hint = hint
    }
}

extension Diagnostic: CustomStringConvertible {
    /// Place and message, the line, a caret under the part at fault, what was expected, a hint; ends with a newline.
    public var description: String {
        var text = "\(file):\(line):\(column): \(severity.rawValue): \(message) [\(code)]\n"
        text += "  \(lineText)\n"
        text += "  \(caretPadding)^\(String(repeating: "~", count: max(0, min(length, lineText.count) - 1)))\n"
        if !expected.isEmpty { text += "  expected: \(expected.joined(separator: ", "))\n" }
        if let hint { text += "  hint: \(hint)\n" }
        return text
    }

    /// Tabs stay tabs, so that the caret stands under its character whatever the width of a tab.
    private var caretPadding: String {
        String(lineText.unicodeScalars.prefix(max(0, column - 1)).map { $0 == "\t" ? "\t" : " " as Character })
    }
}
