/// One line of a comparison.
public struct ConfigurationDiffLine: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// A line in both, which says where the changed ones belong.
        case context
        case added
        case removed
    }

    public let kind: Kind
    /// With its indentation, without a newline.
    public let text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

extension ConfigurationDiffLine {
    func text(_ style: TextStyle) -> String {
        let text = text.withoutControlCharacters
        return switch kind {
        case .context: "  \(text)\n"
        case .added: style.show("+ \(text)", as: .good) + "\n"
        case .removed: style.show("- \(text)", as: .bad) + "\n"
        }
    }
}
