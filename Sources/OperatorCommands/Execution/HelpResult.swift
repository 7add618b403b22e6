import ControlProtocol

/// Answer to `help`: every command with its words.
struct HelpResult: ControlResult {
    static let schemaIdentifier = "stile.help/1"
    private(set) var schema = HelpResult.schemaIdentifier

    struct Command: Codable, Hashable, Sendable {
        let usage: String
        let help: String
    }

    let commands: [Command]

    init(_ listed: [CommandSyntax]) {
        commands = listed.filter(\.isListed).map { Command(usage: $0.usage, help: $0.help) }
    }

    /// The usage of a command may be longer than a line: its help stands on the next.
    func text(_ style: TextStyle) -> String {
        commands.map { style.show($0.usage, as: .heading) + "\n    \($0.help)\n" }.joined()
    }
}
