import Addressing
import ControlProtocol
import ControlProtocolSamples
import OperatorCommands
import Testing

@Suite("Grammar of the commands")
struct CommandGrammarTests {
    @Test(
        "words and what they ask for",
        arguments: [
            ("show interfaces", .request(ShowInterfaces())),
            ("sh int TenGigabitEthernet1/0", .request(ShowInterfaces(interface: "ten1/0"))),
            ("sh run", .request(ShowRunningConfiguration())), ("sh bgp sum", .request(ShowBGPSummary())),
            (
                "show bgp vpnv6 advertised neighbor 1.2.3.4 prefix 2001:db8::/32",
                .request(
                    ShowBGPRoutes(
                        family: .vpnv6, view: .advertised, neighbor: Samples.address("1.2.3.4"),
                        prefix: Samples.prefix("2001:db8::/32")))
            ),
            ("show routes vrf one ipv6", .request(ShowRoutes(vrf: "one", family: .ipv6))),
            ("check a.conf", .checkOffline(file: "a.conf")),
            ("config diff a", .configuration(DiffConfiguration.self, file: "a")),
            ("plan a", .configuration(DiffConfiguration.self, file: "a")),
            ("commit", .request(ConfirmCommit())),
            (
                "commit a confirmed force",
                .configuration(
                    ReplaceConfiguration.self, file: "a", CommitClauses(isForced: true, confirmMinutes: 10))
            ),
            (
                "commit a confirmed 5 comment a new customer",
                .configuration(
                    ReplaceConfiguration.self, file: "a", CommitClauses(comment: "a new customer", confirmMinutes: 5))
            ),
            ("rollback 7 confirmed", .request(RollbackConfiguration(number: 7, confirmMinutes: 10))),
            ("show commits 3 text", .request(ShowCommit(number: 3, wantsText: true))),
            (
                "explain packet in ten1/0 label 1001 label 7 src 10.2.0.1 dst 10.1.0.2 protocol tcp sport 1 dport 443 ttl 9",
                .request(
                    ExplainPacket(
                        interface: "ten1/0", labels: [Samples.label(1001), Samples.label(7)],
                        source: Samples.address("10.2.0.1"), destination: Samples.address("10.1.0.2"),
                        ipProtocol: 6, sourcePort: 1, destinationPort: 443, timeToLive: 9))
            ),
            (
                "explain packet in ten1/0 src 10.2.0.1 dst 10.1.0.2 dscp 46 exp 5 tcp-flag syn tcp-flag ack",
                .request(
                    ExplainPacket(
                        interface: "ten1/0", source: Samples.address("10.2.0.1"),
                        destination: Samples.address("10.1.0.2"), dscp: 46, trafficClass: 5, tcpFlags: 18))
            ),
            ("show access-lists", .request(ShowAccessLists())),
            ("sh acce web", .request(ShowAccessLists(name: "web"))),
            ("show policy-map interface te1/0.2", .request(ShowPolicyMap(interface: "ten1/0.2"))),
            ("show route", .request(ShowRoutes())),
            ("sh route vrf one ipv6", .request(ShowRoutes(vrf: "one", family: .ipv6))),
            ("show routes vrf one", .request(ShowRoutes(vrf: "one"))),
            (
                "show routes vrf one address 10.1.2.3",
                .request(ShowRoutes(vrf: "one", address: Samples.address("10.1.2.3")))
            ),
            (
                "sh run int te1/0.100", .request(ShowRunningConfiguration(interface: "ten1/0.100"))
            ),
            ("show route-map", .request(ShowRouteMaps())),
            ("show route-m office", .request(ShowRouteMaps(name: "office"))),
            ("clear route-map counters office", .request(ClearRouteMaps(name: "office"))),
            ("show accounting vrf one", .request(ShowAccounting(vrf: "one"))),
            ("clear access-list counters", .request(ClearAccessLists())),
            ("clear policy-map counters", .request(ClearPolicyMap())),
            ("clear flow monitor", .request(ClearFlowMonitors())),
            ("cl fl mon customers", .request(ClearFlowMonitors(name: "customers"))),
            ("clear flow counters", .request(ClearFlowCounters())),
        ] as [(String, Operation)])
    func parse(_ command: String, _ operation: Operation) throws {
        let parsed = try CommandGrammar.parse(command.split(separator: " ").map(String.init))
        #expect(parsed == operation)
    }

    @Test(
        "what people know from other routers",
        arguments: [
            ("show version", .request(ShowStatus())), ("sh arp", .request(ShowNeighbors())),
            ("sh ip int br", .request(ShowInterfaces())), ("sh ip route", .request(ShowRoutes(family: .ipv4))),
            (
                "show ip route vrf one 10.1.2.3",
                .request(ShowRoutes(vrf: "one", family: .ipv4, address: Samples.address("10.1.2.3")))
            ),
            (
                "show ip route 10.1.0.0/16 vrf one",
                .request(ShowRoutes(vrf: "one", family: .ipv4, prefix: Samples.prefix("10.1.0.0/16")))
            ),
            (
                "show ipv6 route vrf one 2001:db8::7",
                .request(ShowRoutes(vrf: "one", family: .ipv6, address: Samples.address("2001:db8::7")))
            ),
        ] as [(String, Operation)])
    func familiar(_ command: String, _ operation: Operation) throws {
        let parsed = try CommandGrammar.parse(command.split(separator: " ").map(String.init))
        #expect(parsed == operation)
        #expect(throws: UsageError.self) {
            try CommandGrammar.parse((command + " x y").split(separator: " ").map(String.init))
        }
    }

    @Test(
        "what can be several words",
        arguments: [
            ("show rout", ["routes", "route-map"]), ("show acc", ["access-lists", "accounting"]),
        ] as [(String, [String])])
    func ambiguous(_ command: String, _ expected: [String]) {
        let error = #expect(throws: UsageError.self) {
            try CommandGrammar.parse(command.split(separator: " ").map(String.init))
        }
        #expect(error?.expected == expected)
    }

    @Test(
        "what can come next",
        arguments: [
            ("show bgp", "", ["summary", "neighbors", "vpnv4", "vpnv6", "ipv4", "ipv6", "l2vpn", "rtfilter", "vrf"]),
            ("sh", "p", ["ports", "pipeline", "policy-map"]),
            ("bgp clear neighbor", "", ["ADDRESS"]), ("bgp clear neighbor 1.2.3.4", "", ["vrf", "soft", "message"]),
            ("show routes vrf", "", ["NAME"]), ("show route vrf", "", ["NAME"]),
            ("show", "route", ["routes", "route-map"]), ("show routes ipv4", "", ["vrf", "ipv6", "prefix", "address"]),
            ("nonsense", "", []), ("exit", "", []),
        ] as [(String, String, [String])])
    func candidates(_ words: String, _ beginning: String, _ expected: [String]) {
        let found = CommandGrammar.candidates(
            after: words.split(separator: " ").map(String.init), beginning: beginning)
        #expect(found.map(\.word) == expected)
        #expect(found.allSatisfy { !$0.help.isEmpty })
    }
}
