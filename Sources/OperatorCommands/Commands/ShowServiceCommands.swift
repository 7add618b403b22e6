import ControlProtocol

/// `show …` of the customers' services.
enum ShowServiceCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["show", "access-lists"], help: "access lists and how many packets each entry decided",
            operands: [.init(name: "NAME", help: "the lists of one name", isRequired: false)],
            operation: { .request(ShowAccessLists(name: $0.text("NAME"))) }),
        CommandSyntax(
            path: ["show", "policy-map", "interface"],
            help: "attached policies, what their classes took and what their policers did with it",
            operands: [.init(name: "INTERFACE", help: "one interface", isRequired: false, names: .interface)],
            operation: { .request(ShowPolicyMap(interface: $0.interface("INTERFACE"))) }),
        CommandSyntax(
            path: ["show", "route-map"],
            help: "route maps, what each entry took where it is attached, and which next hops are up",
            operands: [.init(name: "NAME", help: "one route map", isRequired: false, names: .routeMap)],
            operation: { .request(ShowRouteMaps(name: $0.text("NAME"))) }),
        CommandSyntax(
            path: ["show", "accounting"], help: "packets and bytes forwarded, by VRF, circuit, unit and class",
            clauses: [.init(word: "vrf", valueName: "NAME", help: "one VRF", names: .vrf)],
            operation: { .request(ShowAccounting(vrf: $0.text("vrf"))) }),
    ]
}
