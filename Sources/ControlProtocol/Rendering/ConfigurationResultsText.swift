extension ConfigurationCheckResult {
    public func text(_ style: TextStyle) -> String {
        warnings.map(\.description).joined().withoutControlCharactersInLines + style.show("valid", as: .good) + "\n"
    }
}

extension ConfigurationDiffResult {
    public func text(_ style: TextStyle) -> String {
        warnings.map(\.description).joined().withoutControlCharactersInLines
            + (lines.isEmpty ? "no differences\n" : lines.map { $0.text(style) }.joined())
    }
}

extension ConfigurationReplaceResult {
    public func text(_ style: TextStyle) -> String {
        var text = warnings.map(\.description).joined().withoutControlCharactersInLines
        text += changes.map { $0.text(style) }.joined()
        text += style.show(changes.isEmpty ? "nothing to change" : "applied", as: .good) + " at \(appliedAt)\n"
        for problem in problems {
            text += style.show("warning: \(problem.withoutControlCharacters)", as: .bad) + "\n"
        }
        return text
    }
}

extension ConfigurationDiffLine {
    fileprivate func text(_ style: TextStyle) -> String {
        let text = text.withoutControlCharacters
        return switch kind {
        case .context: "  \(text)\n"
        case .added: style.show("+ \(text)", as: .good) + "\n"
        case .removed: style.show("- \(text)", as: .bad) + "\n"
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
