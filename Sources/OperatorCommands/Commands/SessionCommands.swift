/// Commands about the session itself.
enum SessionCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(path: ["help"], help: "all commands", operation: { _ in .help }),
        CommandSyntax(path: ["exit"], help: "leave", operation: { _ in .leave }),
        CommandSyntax(path: ["quit"], help: "leave", operation: { _ in .leave }),
    ]
}
