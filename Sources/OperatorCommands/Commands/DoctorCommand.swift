/// `doctor`: what the machine lacks.
enum DoctorCommand {
    static let syntax = CommandSyntax(
        path: ["doctor"], help: "what the machine lacks for the configuration, and the command that mends it",
        operands: [
            .init(
                name: CommandSyntax.Operand.file, help: "a configuration file; without it the last commit",
                isRequired: false)
        ],
        clauses: [
            .init(word: "root", valueName: "DIR", help: "another machine's /proc, /sys, /etc and /var, below a folder")
        ],
        operation: { arguments throws(UsageError) in
            .examineMachine(root: arguments.text("root") ?? "", file: arguments.text("FILE"))
        })
}
