import Addressing
import ControlProtocol

/// What people know from other routers, where it can mean only one thing here. Help does not list it.
enum FamiliarCommands {
    static let all: [CommandSyntax] = [
        familiar(["show", "version"], ShowStatus()),
        familiar(["show", "arp"], ShowNeighbors()),
        familiar(["show", "ip", "arp"], ShowNeighbors()),
        familiar(["show", "ipv6", "neighbors"], ShowNeighbors()),
        familiar(["show", "ip", "interface", "brief"], ShowInterfaces()),
        familiar(["show", "ipv6", "interface", "brief"], ShowInterfaces()),
        routes("ip", .ipv4),
        routes("ipv6", .ipv6),
    ]

    private static func familiar(_ path: [String], _ request: some ControlRequest) -> CommandSyntax {
        CommandSyntax(path: path, help: "likewise", isListed: false, operation: { _ in .request(request) })
    }

    /// `show ip route vrf NAME 10.1.2.3`, or a prefix.
    private static func routes(_ word: String, _ family: ShowRoutes.Family) -> CommandSyntax {
        CommandSyntax(
            path: ["show", word, "route"], help: "likewise",
            operands: [.init(name: "ADDRESS", help: "an address or a prefix", isRequired: false)],
            clauses: [.init(word: "vrf", valueName: "NAME", help: "one VRF", names: .vrf)], isListed: false,
            operation: { arguments throws(UsageError) in
                let text = arguments.text("ADDRESS")
                let prefix = text.flatMap { IPPrefix($0) }
                return .request(
                    ShowRoutes(
                        vrf: arguments.text("vrf"), family: family, prefix: prefix,
                        address: prefix == nil ? try arguments.address("ADDRESS") : nil))
            })
    }
}
