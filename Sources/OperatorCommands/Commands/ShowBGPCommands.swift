import ControlProtocol

/// `show bgp …`.
enum ShowBGPCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["show", "bgp", "summary"], help: "sessions and how many routes they carry",
            operation: { _ in .request(ShowBGPSummary()) }),
        CommandSyntax(
            path: ["show", "bgp", "neighbors"], help: "everything about the neighbors",
            operands: [.init(name: "ADDRESS", help: "one neighbor", isRequired: false, names: .neighbor)],
            clauses: [.init(word: "vrf", valueName: "NAME", help: "inside a VRF", names: .vrf)],
            operation: { arguments throws(UsageError) in
                .request(
                    ShowBGPNeighbors(neighbor: try arguments.address("ADDRESS"), vrf: arguments.text("vrf")))
            }),
        routes(["vpnv4"], "VPN-IPv4 routes (RFC 4364)") { _ in .vpnv4 },
        routes(["vpnv6"], "VPN-IPv6 routes (RFC 4659)") { _ in .vpnv6 },
        routes(["ipv4", "labeled-unicast"], "labelled IPv4 routes (RFC 8277)") { _ in .ipv4LabeledUnicast },
        routes(["ipv6", "labeled-unicast"], "labelled IPv6 routes (RFC 8277)") { _ in .ipv6LabeledUnicast },
        routes(["ipv4", "mvpn"], "trees for IPv4 groups, as PEs signal them (RFC 6514)") { _ in .ipv4MVPN },
        routes(["ipv6", "mvpn"], "trees for IPv6 groups, as PEs signal them (RFC 6514)") { _ in .ipv6MVPN },
        routes(["l2vpn", "evpn"], "Ethernet segments and broadcast domains, as PEs signal them (RFC 7432)") { _ in
            .evpn
        },
        CommandSyntax(
            path: ["show", "bgp", "rtfilter"], help: "which VPN routes internal neighbors want (RFC 4684), and we",
            clauses: [
                .init(word: "neighbor", valueName: "ADDRESS", help: "from and to one neighbor", names: .neighbor)
            ],
            operation: { arguments throws(UsageError) in
                .request(ShowRouteTargetMembership(neighbor: try arguments.address("neighbor")))
            }),
        routes(
            ["vrf"], "routes from and to neighbors inside a VRF", [.init(name: "NAME", help: "the VRF", names: .vrf)],
            [
                .init(word: "ipv6", valueName: nil, help: "IPv6 routes, not those of IPv4"),
                .init(
                    word: "labeled-unicast", valueName: nil, help: "those with labels, of customers that are carriers"),
            ]
        ) {
            $0.has("labeled-unicast")
                ? $0.has("ipv6") ? .ipv6LabeledUnicast : .ipv4LabeledUnicast : $0.has("ipv6") ? .ipv6 : .ipv4
        },
    ]

    private static func routes(
        _ words: [String], _ help: String, _ operands: [CommandSyntax.Operand] = [],
        _ clauses: [CommandSyntax.Clause] = [], family: @escaping @Sendable (CommandArguments) -> BGPFamily
    ) -> CommandSyntax {
        CommandSyntax(
            path: ["show", "bgp"] + words, help: help, operands: operands,
            clauses: clauses + [
                .init(word: "received", valueName: nil, help: "what neighbors sent and is kept (the default)"),
                .init(
                    word: "rejected", valueName: nil,
                    help: "what neighbors sent and counts as withdrawn, with the reason"),
                .init(word: "imported", valueName: nil, help: "what VRFs took"),
                .init(word: "advertised", valueName: nil, help: "what is sent to neighbors"),
                .init(word: "neighbor", valueName: "ADDRESS", help: "from or to one neighbor", names: .neighbor),
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
                        family: family(arguments), view: views.first ?? .received,
                        neighbor: try arguments.address("neighbor"), vrf: arguments.text("NAME"),
                        prefix: try arguments.prefix("prefix")))
            })
    }
}
