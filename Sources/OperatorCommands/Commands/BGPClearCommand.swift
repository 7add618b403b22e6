import ControlProtocol

/// `bgp clear neighbor A [soft]`.
enum BGPClearCommand {
    static let syntax = CommandSyntax(
        path: ["bgp", "clear", "neighbor"], help: "reset the session with a neighbor",
        operands: [.init(name: "ADDRESS", help: "the neighbor")],
        clauses: [.init(word: "soft", valueName: nil, help: "ask for the routes again; the session stays")],
        operation: { arguments throws(UsageError) in
            let neighbor = try arguments.requiredAddress("ADDRESS")
            return .request(.bgpClear(BGPClearOrder(neighbor: neighbor, isSoft: arguments.has("soft"))))
        })
}
