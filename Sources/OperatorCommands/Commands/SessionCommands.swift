/// Commands about the session itself.
enum SessionCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["configure"], help: "change a candidate of the configuration line by line: 'help' there says how",
            clauses: [terminal], operation: { _ in .configure }),
        CommandSyntax(
            path: ["conf"], help: "likewise", clauses: [terminal], isListed: false, operation: { _ in .configure }),
        CommandSyntax(
            path: ["write"], help: "nothing: commits are on disk",
            clauses: [.init(word: "memory", valueName: nil, help: "likewise")],
            operation: { _ in .remark(onDisk) }),
        CommandSyntax(
            path: ["copy", "running-config", "startup-config"], help: "nothing: commits are on disk",
            operation: { _ in .remark(onDisk) }),
        CommandSyntax(path: ["help"], help: "all commands", operation: { _ in .help(ofConfigureMode: false) }),
        CommandSyntax(path: ["exit"], help: "leave", operation: { _ in .leave }),
        CommandSyntax(path: ["quit"], help: "leave", operation: { _ in .leave }),
    ]

    private static let terminal = CommandSyntax.Clause(word: "terminal", valueName: nil, help: "from here")
    private static let onDisk =
        "what is in force is on disk as the last commit, which the box starts with: there is nothing to write"
}
