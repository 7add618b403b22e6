import ControlProtocol

/// `clear …`: counters that `show` counts from zero again, and flows that end.
enum ClearCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["clear", "access-list", "counters"], help: "the hits of access list entries begin at zero",
            operands: [.init(name: "NAME", help: "the lists of one name", isRequired: false)],
            operation: { .request(ClearAccessLists(name: $0.text("NAME"))) }),
        CommandSyntax(
            path: ["clear", "policy-map", "counters"],
            help: "the counters of attached policies begin at zero; accounting goes on",
            operands: [.init(name: "INTERFACE", help: "one interface", isRequired: false, names: .interface)],
            operation: { .request(ClearPolicyMap(interface: $0.interface("INTERFACE"))) }),
        CommandSyntax(
            path: ["clear", "flow", "monitor"], help: "the flows in the workers' caches end now and are exported",
            operands: [.init(name: "NAME", help: "those of one flow monitor", isRequired: false)],
            operation: { .request(ClearFlowMonitors(name: $0.text("NAME"))) }),
        CommandSyntax(
            path: ["clear", "flow", "counters"],
            help: "the counters of flow caches and exporters begin at zero; no flow is lost",
            operation: { _ in .request(ClearFlowCounters()) }),
        CommandSyntax(
            path: ["clear", "route-map", "counters"], help: "the counters of route map entries begin at zero",
            operands: [.init(name: "NAME", help: "one route map", isRequired: false, names: .routeMap)],
            operation: { .request(ClearRouteMaps(name: $0.text("NAME"))) }),
    ]
}
