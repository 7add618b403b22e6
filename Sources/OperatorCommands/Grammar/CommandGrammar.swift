import Configuration

/// All commands. Every word of a path and every clause may be shortened as far as it stays unique, or stand in the
/// singular.
package enum CommandGrammar {
    /// In the order in which help lists them.
    static let commands: [CommandSyntax] =
        ShowCommands.all + ShowServiceCommands.all + ShowBGPCommands.all + [ExplainPacketCommand.syntax]
        + ConfigurationCommands.all
        + [BGPClearCommand.syntax] + ClearCommands.all + [DoctorCommand.syntax] + SessionCommands.all
        + FamiliarCommands.all

    /// The order that words stand for.
    package static func parse(_ words: [String]) throws(UsageError) -> Operation {
        try parse(words, among: commands)
    }

    static func parse(_ words: [String], among commands: [CommandSyntax]) throws(UsageError) -> Operation {
        var remaining = words[...]
        let syntax = try command(&remaining, among: commands)
        return try syntax.operation(try arguments(of: syntax, &remaining))
    }

    /// The words with a file in its place behind the command; `nil` if the command takes none.
    package static func words(_ words: [String], withFile file: String) -> [String]? {
        var remaining = words[...]
        guard let syntax = try? command(&remaining, among: commands),
            syntax.operands.first?.name == CommandSyntax.Operand.file
        else {
            return nil
        }
        return Array(words[..<remaining.startIndex]) + [file] + remaining
    }

    /// The command whose path the words begin with; its words are taken off.
    private static func command(
        _ words: inout ArraySlice<String>, among commands: [CommandSyntax]
    ) throws(UsageError) -> CommandSyntax {
        var candidates = commands
        var depth = 0
        while true {
            let choices = unique(candidates.compactMap { $0.path.dropFirst(depth).first })
            guard !choices.isEmpty else { break }
            guard let word = words.first else {
                throw UsageError(message: "the command is incomplete", expected: choices, position: words.startIndex)
            }
            let choice = try match(word, among: choices, at: words.startIndex)
            words.removeFirst()
            candidates = candidates.filter { $0.path.dropFirst(depth).first == choice }
            depth += 1
        }
        guard let syntax = candidates.first else { throw UsageError(message: "there is no such command") }
        return syntax
    }

    private static func arguments(
        of syntax: CommandSyntax, _ words: inout ArraySlice<String>
    ) throws(UsageError) -> CommandArguments {
        var arguments = CommandArguments()
        for operand in syntax.operands {
            if !operand.isRequired, let word = words.first, syntax.clauses.contains(where: { $0.word == word }) {
                break
            }
            guard let word = words.popFirst() else {
                guard operand.isRequired else { break }
                throw UsageError(
                    message: "\(operand.name) is missing", expected: [operand.name], position: words.startIndex)
            }
            arguments.append(word, for: operand.name)
        }
        while let word = words.popFirst() {
            if let operand = syntax.operands.first(where: { !arguments.has($0.name) }), !isClause(word, of: syntax) {
                arguments.append(word, for: operand.name)
                continue
            }
            let clause = try clause(word, of: syntax, at: words.startIndex - 1)
            guard clause.isRepeatable || !arguments.has(clause.word) else {
                throw UsageError(message: "'\(clause.word)' stands twice")
            }
            guard let valueName = clause.valueName else {
                arguments.append(clause.word, for: clause.word)
                continue
            }
            if let value = clause.defaultValue, words.first.map({ isClause($0, of: syntax) }) ?? true {
                arguments.append(value, for: clause.word)
                continue
            }
            guard let value = words.popFirst() else {
                throw UsageError(
                    message: "'\(clause.word)' is without its value", expected: [valueName],
                    position: words.startIndex)
            }
            guard clause.takesRest else {
                arguments.append(value, for: clause.word)
                continue
            }
            arguments.append(([value] + words).joined(separator: " "), for: clause.word)
            words = []
        }
        return arguments
    }

    private static func isClause(_ word: String, of syntax: CommandSyntax) -> Bool {
        (try? match(word, among: syntax.clauses.map(\.word))) != nil
    }

    static func clause(
        _ word: String, of syntax: CommandSyntax, at position: Int? = nil
    ) throws(UsageError) -> CommandSyntax.Clause {
        guard !syntax.clauses.isEmpty else {
            throw UsageError(
                message: "'\(word)' is too much", expected: ["the end of the command"], position: position)
        }
        let choice = try match(word, among: syntax.clauses.map(\.word), at: position)
        guard let clause = syntax.clauses.first(where: { $0.word == choice }) else {
            throw UsageError(message: "'\(word)' is not known")
        }
        return clause
    }

    /// The choice that is the word, or its plural, or alone begins with it.
    static func match(
        _ word: String, among choices: [String], at position: Int? = nil
    ) throws(UsageError) -> String {
        // The singular is what people type (`show interface`): `route` stands for `routes`, though `route-map` begins
        // with it, too.
        if let choice = [word, word + "s"].first(where: choices.contains) { return choice }
        let matching = choices.filter { $0.hasPrefix(word) && !word.isEmpty }
        guard let first = matching.first else {
            throw UsageError(
                message: "'\(word)' is not known here", expected: choices, position: position,
                hint: nearest(to: word, among: choices).map { "did you mean '\($0)'?" })
        }
        guard matching.count == 1 else {
            throw UsageError(message: "'\(word)' can be several words", expected: matching, position: position)
        }
        return first
    }

    /// The one choice that a misspelt word was most likely meant to be.
    private static func nearest(to word: String, among choices: [String]) -> String? {
        guard (3...32).contains(word.utf8.count) else { return nil }
        let near = choices.map { ($0, editDistance(word.lowercased(), $0)) }.filter { $0.1 <= ($0.0.count < 4 ? 1 : 2) }
        guard let least = near.map(\.1).min() else { return nil }
        let nearest = near.filter { $0.1 == least }
        return nearest.count == 1 ? nearest[0].0 : nil
    }

    static func unique(_ words: [String]) -> [String] {
        words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
