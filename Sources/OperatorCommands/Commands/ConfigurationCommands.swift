import ControlProtocol

/// `check FILE`, `commit …`, `rollback N` and `config …`.
enum ConfigurationCommands {
    static let file = CommandSyntax.Operand(
        name: CommandSyntax.Operand.file, help: "a configuration file, or - for standard input", names: .file)

    static let force = CommandSyntax.Clause(
        word: "force", valueName: nil, help: "also a file that says nothing or takes most customers away")
    static let confirmed = CommandSyntax.Clause(
        word: "confirmed", valueName: "MINUTES", help: "undo it unless 'commit' confirms it in time",
        defaultValue: "10")
    static let comment = CommandSyntax.Clause(
        word: "comment", valueName: "TEXT", help: "what it is for: the rest of the line", takesRest: true)

    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["check"], help: "whether a configuration file is valid, without the daemon", operands: [file],
            operation: { arguments throws(UsageError) in .checkOffline(file: try arguments.required("FILE")) }),
        online(
            ["plan"], "what a configuration file would change, and what traffic it would cut", DiffConfiguration.self,
            clauses: []),
        CommandSyntax(
            path: ["commit"], help: "apply a configuration file and keep it; without one, confirm the last commit",
            operands: [.init(name: file.name, help: file.help, isRequired: false, names: .file)],
            clauses: [confirmed, force, comment], operation: commit),
        CommandSyntax(
            path: ["rollback"], help: "apply an earlier commit again, as a new one",
            operands: [.init(name: "NUMBER", help: "of the commit: 'show commits' lists them")],
            clauses: [confirmed, force, comment], operation: rollback),
        online(["config", "check"], "whether the daemon would take a configuration file", CheckConfiguration.self),
        online(
            ["config", "diff"], "how a configuration file differs from the running configuration",
            DiffConfiguration.self, clauses: []),
        online(
            ["config", "replace"], "apply a configuration file, all of it or nothing", ReplaceConfiguration.self,
            clauses: [confirmed, force, comment]),
    ]

    private static func online(
        _ path: [String], _ help: String, _ request: any ConfigurationRequest.Type,
        clauses: [CommandSyntax.Clause] = [force]
    ) -> CommandSyntax {
        CommandSyntax(
            path: path, help: help, operands: [file], clauses: clauses,
            operation: { arguments throws(UsageError) in
                .configuration(request, file: try arguments.required("FILE"), try arguments.commitClauses())
            })
    }

    @Sendable
    private static func commit(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        if let file = arguments.text("FILE") {
            return .configuration(ReplaceConfiguration.self, file: file, try arguments.commitClauses())
        }
        guard try arguments.commitClauses() == CommitClauses() else {
            throw UsageError(message: "FILE is missing", expected: ["FILE"])
        }
        return .request(ConfirmCommit())
    }

    @Sendable
    private static func rollback(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        let clauses = try arguments.commitClauses()
        guard let number = try arguments.number("NUMBER", as: UInt64.self) else {
            throw UsageError(message: "NUMBER is missing", expected: ["NUMBER"])
        }
        return .request(
            RollbackConfiguration(
                number: number, force: clauses.isForced ? true : nil, comment: clauses.comment,
                confirmMinutes: clauses.confirmMinutes))
    }
}

extension CommandArguments {
    func commitClauses() throws(UsageError) -> CommitClauses {
        CommitClauses(
            isForced: has("force"), comment: text("comment"),
            confirmMinutes: try number("confirmed", as: UInt32.self))
    }
}
