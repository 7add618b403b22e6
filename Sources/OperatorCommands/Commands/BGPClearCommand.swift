import ControlProtocol

/// `bgp clear neighbor A [vrf NAME] [soft] [message TEXT]`.
enum BGPClearCommand {
    static let syntax = CommandSyntax(
        path: ["bgp", "clear", "neighbor"], help: "reset the session with a neighbor",
        operands: [.init(name: "ADDRESS", help: "the neighbor", names: .neighbor)],
        clauses: [
            .init(word: "vrf", valueName: "NAME", help: "the VRF that the neighbor is in", names: .vrf),
            .init(word: "soft", valueName: nil, help: "ask for the routes again; the session stays"),
            .init(word: "message", valueName: "TEXT", help: "what the neighbor's operator is told, in quotes"),
        ],
        operation: { arguments throws(UsageError) in
            let neighbor = try arguments.requiredAddress("ADDRESS")
            let message = arguments.text("message")
            guard message == nil || !arguments.has("soft") else {
                throw UsageError(message: "a message goes with the end of a session, which 'soft' leaves alone")
            }
            guard (message ?? "").utf8.count <= 255 else {
                throw UsageError(message: "the message is too long", expected: ["up to 255 octets of UTF-8"])
            }
            return .request(
                ClearBGPSession(
                    neighbor: neighbor, vrf: arguments.text("vrf"), isSoft: arguments.has("soft"), message: message))
        })
}
