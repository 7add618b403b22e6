import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

@Suite struct AccessListRuleTests {
    /// A box whose circuit has one list, and the rules that the tables have of it.
    static func rules(_ family: AddressFamily, _ entries: String) async throws -> [stile_access_rule] {
        let laboratory = try Laboratory()
        let (header, group) =
            family == .ipv4
            ? ("ip access-list extended test", " ip access-group test in\n")
            : ("ipv6 access-list test", " ipv6 traffic-filter test in\n")
        let list = "\(header)\n\(entries)\n"
        let text = LaboratoryConfiguration.first.replacing(
            "interface ten1/1\n vrf definition one\n", with: "interface ten1/1\n vrf definition one\n" + group)
        try await laboratory.start(text + list)
        let services = try laboratory.services()
        let circuit = services.interface(port: 1)
        #expect(UInt32(circuit.features) == STILE_INGRESS_ACCESS_LIST.rawValue)
        let record = services.services(circuit)
        #expect((family == .ipv4 ? record.access_list_in_ipv6 : record.access_list_in_ipv4) == 0)
        let index = family == .ipv4 ? record.access_list_in_ipv4 : record.access_list_in_ipv6
        #expect(services.reader.accessLists[Int(index)].family == family.rawValue)
        let rules = services.rules(ofList: index)
        await laboratory.stop()
        return rules
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let entries: String
        let key: FlowKey
        /// The sequence number of the entry that decides; 0 for the deny at the end.
        let sequence: UInt32
        let permits: Bool

        init(_ entries: String, _ key: FlowKey, _ sequence: UInt32, _ permits: Bool) {
            self.entries = entries
            self.key = key
            self.sequence = sequence
            self.permits = permits
        }

        var testDescription: String { "\(entries.replacing("\n", with: ";")) for \(key)" }
    }

    private static let web = " 10 permit tcp any any eq 80 443"
    private static let noSSH = " 10 deny tcp any any eq 22\n 20 permit ip any any"
    private static let tcp = FlowKey(protocolNumber: 6)

    private static func key(_ change: (inout FlowKey) -> Void) -> FlowKey {
        var key = tcp
        change(&key)
        return key
    }

    static let cases: [Case] = [
        Case(web, key { $0.destinationPort = 80 }, 10, true),
        Case(web, key { $0.destinationPort = 443 }, 10, true),
        Case(web, key { $0.destinationPort = 81 }, 0, false),
        Case(web, key { $0.sourcePort = 80 }, 0, false),
        Case(web, FlowKey(protocolNumber: 17, destinationPort: 80), 0, false),
        // Fragments other than the first have no ports: a permit takes them by its addresses, a deny leaves them.
        Case(web, key { $0.isNotFirst = true }, 10, true),
        Case(web, FlowKey(protocolNumber: 17, isNotFirst: true), 0, false),
        Case(noSSH, key { $0.destinationPort = 22 }, 10, false),
        Case(noSSH, key { $0.isNotFirst = true }, 20, true),
        // Ports of zero in a fragment are no ports.
        Case(" 10 deny tcp any any lt 1024\n 20 permit ip any any", key { $0.isNotFirst = true }, 20, true),
        Case(" 10 deny tcp any any\n 20 permit ip any any", key { $0.isNotFirst = true }, 10, false),
        Case(" 10 deny ip any any fragments\n 20 permit ip any any", key { $0.isNotFirst = true }, 10, false),
        Case(" 10 deny ip any any fragments\n 20 permit ip any any", tcp, 20, true),
        Case(" 10 permit tcp any any established", key { $0.tcpFlags = 0x10 }, 10, true),
        Case(" 10 permit tcp any any established", key { $0.tcpFlags = 0x04 }, 10, true),
        Case(" 10 permit tcp any any established", key { $0.tcpFlags = 0x02 }, 0, false),
        Case(" 10 permit tcp any any established", key { $0.isNotFirst = true }, 10, true),
        Case(" 10 deny tcp any any syn fin\n 20 permit ip any any", key { $0.tcpFlags = 0x01 }, 10, false),
        Case(" 10 deny tcp any any syn fin\n 20 permit ip any any", key { $0.tcpFlags = 0x10 }, 20, true),
        Case(" 10 permit udp any neq 53 any", FlowKey(sourcePort: 53), 0, false),
        Case(" 10 permit udp any neq 53 any", FlowKey(sourcePort: 52), 10, true),
        Case(" 10 permit udp any neq 53 any", FlowKey(sourcePort: 54), 10, true),
        Case(
            " 10 permit udp any gt 1023 any range 5000 5010", FlowKey(sourcePort: 1024, destinationPort: 5010), 10, true
        ),
        Case(
            " 10 permit udp any gt 1023 any range 5000 5010", FlowKey(sourcePort: 1023, destinationPort: 5010), 0, false
        ),
        Case(
            " 10 permit udp any gt 1023 any range 5000 5010", FlowKey(sourcePort: 1024, destinationPort: 5011), 0, false
        ),
        Case(" 10 permit icmp any any echo", FlowKey(protocolNumber: 1, destinationPort: 0x0800), 10, true),
        Case(" 10 permit icmp any any echo", FlowKey(protocolNumber: 1, destinationPort: 0x0000), 0, false),
        Case(" 10 permit icmp any any unreachable", FlowKey(protocolNumber: 1, destinationPort: 0x030D), 10, true),
        Case(" 10 permit icmp any any port-unreachable", FlowKey(protocolNumber: 1, destinationPort: 0x0303), 10, true),
        Case(" 10 permit icmp any any port-unreachable", FlowKey(protocolNumber: 1, destinationPort: 0x0304), 0, false),
        Case(" 10 permit ip any any dscp ef", FlowKey(dscp: 46), 10, true),
        Case(" 10 permit ip any any dscp ef", FlowKey(dscp: 0), 0, false),
        Case(" 10 permit ip 10.0.0.0 0.255.255.255 host 10.9.9.9", FlowKey(), 10, true),
        Case(" 10 permit ip host 10.0.0.2 any", FlowKey(), 0, false),
        Case(" 10 permit ip 10.0.0.1 0.0.255.0 any", FlowKey(source: IPAddress("10.0.77.1")!), 10, true),
        Case(" 10 permit ip 10.0.0.1 0.0.255.0 any", FlowKey(source: IPAddress("10.0.77.2")!), 0, false),
        Case(" 10 remark nothing but this\n 20 permit 89 any any", FlowKey(protocolNumber: 89), 20, true),
    ]

    @Test(arguments: cases) func anEntryTakesWhatItSays(_ one: Case) async throws {
        let rules = try await Self.rules(.ipv4, one.entries)
        let rule = try #require(one.key.match(rules))
        #expect(rule.sequence == one.sequence)
        #expect((rule.permits == 1) == one.permits)
    }

    @Test func anIPv6ListHasNoHiddenPermits() async throws {
        let rules = try await Self.rules(
            .ipv6, " 10 permit tcp 2001:db8:1::/64 any eq 179\n 20 deny icmp any any nd-ns log")
        var key = FlowKey(
            protocolNumber: 6, source: IPAddress("2001:db8:1::7")!, destination: IPAddress("2001:db8::1")!)
        key.destinationPort = 179
        #expect(key.match(rules)?.sequence == 10)
        key.source = IPAddress("2001:db8:2::7")!
        #expect(key.match(rules)?.sequence == 0)
        let solicitation = FlowKey(
            protocolNumber: 58, source: key.source, destination: key.destination, destinationPort: 135 << 8)
        #expect(solicitation.match(rules)?.sequence == 20)
        #expect(solicitation.match(rules)?.logs == 1)
        #expect(rules.last?.permits == 0)
    }

    @Test func theRulesOfAnEntryShareItsCounter() async throws {
        let rules = try await Self.rules(.ipv4, " 10 permit tcp any eq 1 3 5 any eq 80 81 443\n 20 deny udp any any")
        // Three source ports by two ranges of destination ports, and the fragments; then the other entry and the end.
        #expect(rules.count == 9)
        let counters = Dictionary(grouping: rules, by: \.sequence).mapValues { Set($0.map(\.hits)) }
        #expect(counters.mapValues(\.count) == [10: 1, 20: 1, 0: 1])
        #expect(Set(counters.values.flatMap { $0 }).count == 3)
        #expect(!rules.contains { $0.hits == 0 })
    }
}
