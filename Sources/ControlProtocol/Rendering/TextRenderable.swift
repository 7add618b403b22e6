/// A result that people can read: made from the same values as its JSON form.
public protocol TextRenderable {
    /// Lines of text, each with a newline at its end.
    func text(_ style: TextStyle) -> String
}

/// What the reader's screen can show.
public struct TextStyle: Hashable, Sendable {
    /// Whether escape sequences for colours may be used. Colour never bears meaning that the text does not.
    public let usesColour: Bool

    public init(usesColour: Bool) { self.usesColour = usesColour }

    public static let plain = TextStyle(usesColour: false)

    /// `text`, coloured where that is possible.
    public func show(_ text: String, as emphasis: Emphasis) -> String {
        guard usesColour, let code = emphasis.colourCode, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

/// How a part of a text stands out.
public enum Emphasis: Hashable, Sendable, CaseIterable {
    case none
    case heading
    case good
    case warning
    case bad

    /// SGR parameter of ECMA-48 §8.3.117.
    var colourCode: Int? {
        switch self {
        case .none: nil
        case .heading: 1
        case .good: 32
        case .warning: 33
        case .bad: 31
        }
    }
}

extension String {
    /// The text with control characters written as `\u{…}`: what a peer sent cannot steer the reader's terminal.
    public var withoutControlCharacters: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.properties.generalCategory == .control {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension String {
    /// Like ``withoutControlCharacters``, but newlines and tabs stay.
    public var withoutControlCharactersInLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false)
                .map { String($0).withoutControlCharacters }.joined(separator: "\t")
        }.joined(separator: "\n")
    }
}
