import ControlProtocol

/// The lines of configure mode: its own commands, `do` and `show …` for those outside of it, and statements.
///
/// What is a command is a closed list of words, so that no line of a configuration is taken for one: whatever does not begin
/// with such a word is a statement, and stays one when it is wrong.
package enum ConfigureGrammar {
    static let commands: [CommandSyntax] = [
        CommandSyntax(
            path: ["show"], help: "the block that the next line stands in; '| compare': what the candidate changes",
            operation: { _ in .request(ShowCandidate(blockOnly: true)) }),
        CommandSyntax(
            path: ["commit"], help: "put the candidate into force and keep it; 'check' only says what that would do",
            clauses: [
                .init(word: "check", valueName: nil, help: "whether it is valid, and what traffic it would cut"),
                ConfigurationCommands.confirmed, ConfigurationCommands.force, ConfigurationCommands.comment,
            ], operation: commit),
        CommandSyntax(
            path: ["rollback"], help: "the text of an earlier commit in place of the candidate's",
            operands: [.init(name: "NUMBER", help: "of the commit: 'show commits' lists them")],
            operation: { arguments throws(UsageError) in
                _ = try arguments.required("NUMBER")
                return .request(RollBackCandidate(number: try arguments.number("NUMBER", as: UInt64.self) ?? 0))
            }),
        CommandSyntax(
            path: ["discard"], help: "begin again with the configuration in force",
            operation: { _ in .request(DiscardCandidate()) }),
        load("merge", "a file's lines over those of the candidate", MergeIntoCandidate.self),
        load("replace", "a file in place of the candidate", ReplaceCandidate.self),
        CommandSyntax(
            path: ["do"], help: "a command that is none of configure mode",
            operands: [.init(name: "COMMAND", help: "'help' outside lists them")],
            operation: { _ in .help(ofConfigureMode: true) }),
        CommandSyntax(path: ["help"], help: "these commands", operation: { _ in .help(ofConfigureMode: true) }),
        CommandSyntax(
            path: ["exit"], help: "leave the block, or configure mode at the top level",
            operation: { _ in .leaveBlock }),
        CommandSyntax(path: ["end"], help: "leave configure mode", operation: { _ in .leave }),
    ]

    /// The accepted forms of the words that commands begin with, the full one first.
    private static let forms: [[String]] = [
        ["show", "sho", "sh"], ["commit", "comm"], ["rollback", "roll"], ["discard"], ["load"], ["do"], ["help"],
        ["exit", "exi", "ex", "quit"], ["end"], ["write", "wr"], ["copy"],
    ]

    private static func load(
        _ word: String, _ help: String, _ request: any ConfigurationRequest.Type
    ) -> CommandSyntax {
        CommandSyntax(
            path: ["load", word], help: help, operands: [ConfigurationCommands.file],
            operation: { arguments throws(UsageError) in
                .configuration(request, file: try arguments.required(CommandSyntax.Operand.file))
            })
    }

    @Sendable
    private static func commit(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        let clauses = try arguments.commitClauses()
        if arguments.has("check") {
            guard clauses == CommitClauses() else {
                throw UsageError(message: "'check' commits nothing, and stands alone")
            }
            return .request(CheckCandidate())
        }
        return .request(
            CommitCandidate(
                force: clauses.isForced ? true : nil, comment: clauses.comment, confirmMinutes: clauses.confirmMinutes))
    }

    /// The command whose word a line begins with, in full; `nil` for a statement.
    static func command(_ line: String) -> String? {
        guard let word = line.split(separator: " ", maxSplits: 1).first?.lowercased() else { return nil }
        return forms.first { $0.contains(word) }?.first
    }

    /// What a line asks for.
    package static func parse(_ line: String) throws(UsageError) -> CommandPipeline {
        guard let command = command(line) else { return CommandPipeline(.request(EnterLine(line: line))) }
        let pipeline = CommandPipeline.stages(of: line.split(separator: " ").map(String.init))
        var words = pipeline[0]
        words[0] = command
        switch command {
        case "do":
            do throws(UsageError) {
                return try CommandPipeline(words: Array(words.dropFirst()), pipeline.dropFirst())
            } catch {
                throw error.moved(by: 1)
            }
        case "show" where words.count > 1, "write", "copy":
            return try CommandPipeline(words: words, pipeline.dropFirst())
        case "show"
        where pipeline.count > 1 && pipeline[1].first.map { "compare".hasPrefix($0) && $0.count > 3 } == true:
            guard pipeline[1].count == 1 else {
                throw UsageError(message: "'\(pipeline[1][1])' is too much", expected: ["the end of the command"])
            }
            return try CommandPipeline(.request(CompareCandidate()), pipeline.dropFirst(2))
        default: return try CommandPipeline(CommandGrammar.parse(words, among: commands), pipeline.dropFirst())
        }
    }
}
