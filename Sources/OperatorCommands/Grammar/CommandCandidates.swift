/// A word that could come next.
package struct Candidate: Hashable, Sendable {
    /// The word itself, or the name of a value in capitals.
    package let word: String
    package let help: String
    /// Whether the word can be put in as it is.
    package let isLiteral: Bool
    /// What a value is the name of.
    var names: ObjectKind?
}

extension CommandGrammar {
    /// What could stand behind complete `words` and begins with `beginning`.
    package static func candidates(after words: [String], beginning: String) -> [Candidate] {
        candidates(after: words, beginning: beginning, among: commands)
    }

    static func candidates(
        after words: [String], beginning: String, among commands: [CommandSyntax]
    ) -> [Candidate] {
        if let bar = words.lastIndex(of: "|") {
            guard bar == words.endIndex - 1 else { return [] }
            return zip(LineFilter.words, LineFilter.helps).map { Candidate(word: $0, help: $1, isLiteral: true) }
                .filter { $0.word.hasPrefix(beginning) }
        }
        return all(after: words, among: commands.filter(\.isListed)).filter {
            !$0.isLiteral || $0.word.hasPrefix(beginning)
        }
    }

    private static func all(after words: [String], among commands: [CommandSyntax]) -> [Candidate] {
        var remaining = words[...]
        var possible = commands
        var depth = 0
        while true {
            let choices = unique(possible.compactMap { $0.path.dropFirst(depth).first })
            guard !choices.isEmpty else { break }
            guard let word = remaining.popFirst() else {
                return choices.map { choice in
                    let following = possible.filter { $0.path.dropFirst(depth).first == choice }
                    return Candidate(word: choice, help: help(for: following, depth: depth + 1), isLiteral: true)
                }
            }
            guard let choice = try? match(word, among: choices) else { return [] }
            possible = possible.filter { $0.path.dropFirst(depth).first == choice }
            depth += 1
        }
        return possible.first.map { rest(of: $0, remaining) } ?? []
    }

    /// A command's own help, or the words that lead on from a word that several commands share.
    private static func help(for commands: [CommandSyntax], depth: Int) -> String {
        if commands.count == 1, let command = commands.first, command.path.count == depth { return command.help }
        return unique(commands.compactMap { $0.path.dropFirst(depth).first }).joined(separator: ", ")
    }

    private static func rest(of syntax: CommandSyntax, _ words: ArraySlice<String>) -> [Candidate] {
        var words = words
        for operand in syntax.operands {
            guard words.popFirst() != nil else {
                let value = Candidate(
                    word: operand.name, help: operand.help, isLiteral: false, names: operand.names)
                return operand.isRequired ? [value] : [value] + clauses(of: syntax, used: [])
            }
        }
        var used: [String] = []
        while let word = words.popFirst() {
            guard let clause = try? clause(word, of: syntax) else { return [] }
            if !clause.isRepeatable { used.append(clause.word) }
            guard let valueName = clause.valueName else { continue }
            guard words.popFirst() != nil else {
                let value = Candidate(word: valueName, help: clause.help, isLiteral: false, names: clause.names)
                return clause.defaultValue == nil ? [value] : [value] + clauses(of: syntax, used: used)
            }
            if clause.takesRest { return [] }
        }
        return clauses(of: syntax, used: used)
    }

    private static func clauses(of syntax: CommandSyntax, used: [String]) -> [Candidate] {
        syntax.clauses.filter { !used.contains($0.word) }
            .map { Candidate(word: $0.word, help: $0.help, isLiteral: true) }
    }
}
