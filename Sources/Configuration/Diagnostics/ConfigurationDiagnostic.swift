/// One thing that is wrong or odd in a configuration file, for people.
public struct ConfigurationDiagnostic: Error, Equatable, Sendable {
    public let code: DiagnosticCode
    public let message: String
    public let location: SourceLocation
    /// The line at fault as it stands in the file.
    public let lineText: String
    /// How many Unicode scalars from the location on are at fault, from 1.
    public let length: Int
    /// What could have stood there; may be empty.
    public let expected: [String]
    /// What to do about it.
    public let hint: String?

    public var severity: DiagnosticSeverity { code.severity }
}

/// How bad a diagnostic is.
public enum DiagnosticSeverity: String, Sendable, CaseIterable {
    /// The configuration is refused.
    case error
    /// The configuration is taken.
    case warning
}

extension ConfigurationDiagnostic: CustomStringConvertible {
    /// Several lines of text: place and message, the line, a caret under the part at fault, what was expected, a hint.
    public var description: String {
        var text = "\(location): \(severity.rawValue): \(message) [\(code.rawValue)]\n"
        text += "  \(lineText)\n"
        text += "  \(caretPadding)^\(String(repeating: "~", count: max(0, length - 1)))\n"
        if !expected.isEmpty { text += "  expected: \(expected.joined(separator: ", "))\n" }
        if let hint { text += "  hint: \(hint)\n" }
        return text
    }

    /// Tabs stay tabs, so that the caret stands under its character whatever the width of a tab.
    private var caretPadding: String {
        String(lineText.unicodeScalars.prefix(location.column - 1).map { $0 == "\t" ? "\t" : " " as Character })
    }
}
