import ControlProtocol

/// `show bgp …`.
enum ShowBGPCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["show", "bgp", "summary"], help: "sessions and how many routes they carry",
            operation: { _ in .request(ShowBGPSummary()) }),
        CommandSyntax(
            path: ["show", "bgp", "neighbors"], help: "everything about the neighbors",
            operands: [.init(name: "ADDRESS", help: "one neighbor", isRequired: false)],
            operation: { arguments throws(UsageError) in
                .request(ShowBGPNeighbors(neighbor: try arguments.address("ADDRESS")))
            }),
        routes("vpnv4", "VPN-IPv4 routes (RFC 4364)", .vpnv4),
        routes("vpnv6", "VPN-IPv6 routes (RFC 4659)", .vpnv6),
    ]

    private static func routes(_ word: String, _ help: String, _ family: BGPFamily) -> CommandSyntax {
        CommandSyntax(
            path: ["show", "bgp", word], help: help,
            clauses: [
                .init(word: "received", valueName: nil, help: "what neighbors sent and is kept (the default)"),
                .init(word: "imported", valueName: nil, help: "what VRFs took"),
                .init(word: "advertised", valueName: nil, help: "what is sent to neighbors"),
                .init(word: "neighbor", valueName: "ADDRESS", help: "from or to one neighbor"),
                .init(word: "prefix", valueName: "PREFIX", help: "one prefix, under any route distinguisher"),
            ],
            operation: { arguments throws(UsageError) in
                let views = BGPRoutesView.allCases.filter { arguments.has($0.rawValue) }
                guard views.count <= 1 else {
                    throw UsageError(
                        message: "only one of these can be shown", expected: BGPRoutesView.allCases.map(\.rawValue))
                }
                return .request(
                    ShowBGPRoutes(
                        family: family, view: views.first ?? .received,
                        neighbor: try arguments.address("neighbor"), prefix: try arguments.prefix("prefix")))
            })
    }
}
