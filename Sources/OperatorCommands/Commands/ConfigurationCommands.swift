import ControlProtocol

/// `check FILE` and `config …`.
enum ConfigurationCommands {
    private static let file = CommandSyntax.Operand(name: "FILE", help: "a configuration file, or - for standard input")

    private static let force = CommandSyntax.Clause(
        word: "force", valueName: nil, help: "also a file that says nothing")

    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["check"], help: "whether a configuration file is valid, without the daemon", operands: [file],
            operation: { arguments throws(UsageError) in .checkOffline(file: try arguments.required("FILE")) }),
        online("check", "whether the daemon would take a configuration file", CheckConfiguration.self),
        online(
            "diff", "how a configuration file differs from the running configuration", DiffConfiguration.self,
            forcible: false),
        online("replace", "apply a configuration file, all of it or nothing", ReplaceConfiguration.self),
    ]

    private static func online(
        _ word: String, _ help: String, _ request: any ConfigurationRequest.Type, forcible: Bool = true
    ) -> CommandSyntax {
        CommandSyntax(
            path: ["config", word], help: help, operands: [file], clauses: forcible ? [force] : [],
            operation: { arguments throws(UsageError) in
                .configuration(request, file: try arguments.required("FILE"), isForced: arguments.has("force"))
            })
    }
}
