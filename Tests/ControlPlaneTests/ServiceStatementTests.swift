import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// Statements about sources and markings, and what the tables have of them.
@Suite struct ServiceStatementTests {
    private typealias Text = LaboratoryConfiguration

    private func attached(_ lines: String, to interface: String, _ rest: String = "") -> String {
        Text.first.replacing(interface, with: interface + lines) + rest
    }

    private static let circuit = "interface ten1/1\n vrf definition one\n"
    private static let nni = "interface ten1/0\n encap mpls optE\n"

    @Test func aCircuitsSourcesAreCheckedByFamily() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            attached(
                " ip verify unicast source reachable-via rx\n"
                    + " ipv6 verify unicast source reachable-via any allow-default\n", to: Self.circuit))
        let services = try laboratory.services()
        let circuit = services.interface(port: 1)
        #expect(circuit.features == UInt8(STILE_INGRESS_SOURCE_CHECK.rawValue))
        let record = services.services(circuit)
        #expect(record.source_check_ipv4 == UInt8(STILE_SOURCE_CHECK_STRICT.rawValue))
        #expect(record.allows_default_ipv4 == 0)
        #expect(record.source_check_ipv6 == UInt8(STILE_SOURCE_CHECK_LOOSE.rawValue))
        #expect(record.allows_default_ipv6 == 1)
        await laboratory.stop()
    }

    @Test func anNNIsLinesHoldForTheVRFsWithoutAUnit() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            attached(
                " ip verify unicast source reachable-via feasible\n mpls diffserv-mode uniform\n", to: Self.nni))
        let services = try laboratory.services()
        #expect(services.interface(port: 0).features == 0)
        let both = UInt8((STILE_INGRESS_SOURCE_CHECK.rawValue | STILE_INGRESS_UNIFORM_CLASS.rawValue))
        #expect(services.labelEntries(port: 0).map(\.features).sorted() == [0, both])
        let result = try await laboratory.ask(ShowInterfaces())
        for name in ["ten1/0", "ten1/0 vrf two"] {
            let found = result.interfaces.first { $0.name == name }?.services
            #expect(found?.attachedTo == "ten1/0")
            #expect(found?.sourceCheckIpv4 == "feasible")
        }
        await laboratory.stop()
    }

    @Test func markingsAndColours() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            attached(
                " service-policy input mark\n", to: Self.circuit,
                """
                table-map classes
                 map from 5 to 46
                 default ignore
                class-map match-any green
                 match dscp af11
                class-map match-any yellow
                 match not dscp af12
                 match precedence 5
                policy-map mark
                 class class-default
                  set dscp mpls experimental table classes
                  police cir 8000000 bc 15000 be 15000 account 18 conform-color green exceed-color yellow conform-action transmit exceed-action transmit violate-action drop

                """))
        let services = try laboratory.services()
        let record = services.services(services.interface(port: 1))
        let one = try #require(services.classes(first: record.classes_in_first, count: record.classes_in_count).first)
        #expect(one.policer.account_octets == 18)
        #expect(one.policer.is_colour_aware == 1)
        let green = services.criteria(one.policer.conform_colour)
        let yellow = services.criteria(one.policer.exceed_colour)
        let af11: UInt64 = 1 << 10
        #expect(green.map(\.dscps) == [af11])
        #expect(yellow.map(\.negated) == [1, 0])
        let precedence: UInt64 = 0xFF << 40
        #expect(yellow.last?.dscps == precedence)
        #expect(one.dscp_table != 0)
        let table = withUnsafeBytes(of: services.reader.tableMaps[Int(one.dscp_table)]) { Array($0) }
        #expect(table[5] == 46)
        #expect(table[4] == UInt8(STILE_UNMARKED))
        await laboratory.stop()
    }
}
