import Addressing
import ControlProtocol

/// `show …`, but for BGP.
enum ShowCommands {
    static let all: [CommandSyntax] = [
        CommandSyntax(
            path: ["show", "interfaces"], help: "interfaces, their state and counters",
            operands: [
                .init(
                    name: "INTERFACE", help: "one interface, with its drops by reason", isRequired: false,
                    names: .interface)
            ],
            operation: { .request(ShowInterfaces(interface: $0.interface("INTERFACE"))) }),
        plain("ports", "ports, their devices and the devices' counters", ShowPorts()),
        plain("vrfs", "VRFs, their targets, eligibility and size", ShowVRFs()),
        plain("labels", "which label is valid on which NNI, for which VRF, and its hits", ShowLabels()),
        CommandSyntax(
            path: ["show", "mpls", "label-spaces"],
            help: "the labels that are provisioned alike on several routers, and where they are valid",
            operation: { _ in .request(ShowLabelSpaces()) }),
        CommandSyntax(
            path: ["show", "mpls", "received-labels"],
            help: "labels that PEs say packets of their tunnels have, of the default label space or another",
            clauses: [
                .init(word: "from", valueName: "ADDRESS", help: "those of a PE's own label space"),
                .init(word: "space", valueName: "LABEL", help: "those of the label space that a label names"),
            ], operation: receivedLabels),
        plain(
            "transports", "the ways to PEs of the own network: what is used, and what is in the way", ShowTransports()),
        CommandSyntax(
            path: ["show", "mpls", "multipoint"],
            help: "labels of the core whose packets go to several, and which copies leave",
            operation: { _ in .request(ShowMultipoint()) }),
        CommandSyntax(
            path: ["show", "routes"], help: "installed routes of the VRFs",
            clauses: [
                .init(word: "vrf", valueName: "NAME", help: "one VRF", names: .vrf),
                .init(word: "ipv4", valueName: nil, help: "IPv4 only"),
                .init(word: "ipv6", valueName: nil, help: "IPv6 only"),
                .init(word: "prefix", valueName: "PREFIX", help: "one prefix"),
                .init(
                    word: "address", valueName: "ADDRESS",
                    help: "the one that packets to an address go by: the longest match"),
            ], operation: routes),
        plain("fpm", "what FRR beside the box has said, and whether it is there", ShowFPM()),
        plain("neighbors", "ARP and IPv6 neighbor discovery", ShowNeighbors()),
        CommandSyntax(
            path: ["show", "drops"], help: "dropped packets by interface and reason",
            operands: [.init(name: "INTERFACE", help: "one interface", isRequired: false, names: .interface)],
            operation: { .request(ShowDrops(interface: $0.interface("INTERFACE"))) }),
        plain("pipeline", "clocks per packet of each stage, by worker", ShowPipeline()),
        CommandSyntax(
            path: ["show", "flow", "exporter"], help: "flow exporters, their collectors and what they have sent",
            operation: { _ in .request(ShowFlowExporters()) }),
        CommandSyntax(
            path: ["show", "flow", "monitor"], help: "flow monitors and the workers' flow caches",
            operation: { _ in .request(ShowFlowMonitors()) }),
        plain("status", "processes, versions, generation of the tables", ShowStatus()),
        CommandSyntax(
            path: ["show", "log"], help: "the last lines of the log of stiled",
            clauses: [
                .init(
                    word: "severity", valueName: "SEVERITY",
                    help: "lines that are at least so severe: critical, error, warning, notice, informational, debug"),
                .init(word: "last", valueName: "COUNT", help: "the last so many"),
            ], operation: log),
        CommandSyntax(
            path: ["show", "running-config"], help: "the configuration in force, in canonical form",
            clauses: [
                .init(word: "interface", valueName: "INTERFACE", help: "one interface's block", names: .interface)
            ],
            operation: { .request(ShowRunningConfiguration(interface: $0.interface("interface"))) }),
        CommandSyntax(
            path: ["show", "commits"], help: "the commits that are kept, or what one of them changed",
            operands: [.init(name: "NUMBER", help: "one commit", isRequired: false)],
            clauses: [.init(word: "text", valueName: nil, help: "as it was committed")], operation: commits),
        plain("isolation", "which VRF can reach what, computed from the installed tables", ShowIsolation()),
    ]

    private static func plain(_ word: String, _ help: String, _ request: some ControlRequest) -> CommandSyntax {
        CommandSyntax(path: ["show", word], help: help, operation: { _ in .request(request) })
    }

    @Sendable
    private static func receivedLabels(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        .request(
            ShowReceivedLabels(
                provider: try arguments.address("from"),
                space: try arguments.value("space", "a label from 0 to 1048575") {
                    UInt32($0).flatMap(MPLSLabel.init)
                }))
    }

    @Sendable
    private static func log(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        let severities = LogLine.Severity.allCases.map(\.rawValue).joined(separator: ", ")
        return .request(
            ShowLog(
                severity: try arguments.value("severity", "one of \(severities)") { LogLine.Severity(rawValue: $0) },
                count: try arguments.number("last", as: UInt32.self)))
    }

    @Sendable
    private static func commits(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        guard let number = try arguments.number("NUMBER", as: UInt64.self) else { return .request(ShowCommits()) }
        return .request(ShowCommit(number: number, wantsText: arguments.has("text") ? true : nil))
    }

    @Sendable
    private static func routes(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        let family: ShowRoutes.Family? =
            switch (arguments.has("ipv4"), arguments.has("ipv6")) {
            case (true, false): .ipv4
            case (false, true): .ipv6
            default: nil
            }
        return .request(
            ShowRoutes(
                vrf: arguments.text("vrf"), family: family, prefix: try arguments.prefix("prefix"),
                address: try arguments.address("address")))
    }
}
