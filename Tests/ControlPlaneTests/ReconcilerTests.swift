import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

@Suite struct ReconcilerTests {
    private typealias Text = LaboratoryConfiguration

    /// Changes of every kind: a VRF more, a circuit less, other addresses, another VLAN, a unit of another VRF.
    static let second = [
        LaboratoryConfiguration.ports, LaboratoryConfiguration.vrfs,
        """
        ip vrf three
         rd 42:3
         route-target both 42:3
        interface ten1/0
         encap mpls optE
         ip address 192.0.2.1/30
        interface ten1/0.1
         vrf definition three
        interface ten1/1
         vrf definition one
         ip address 10.9.0.1/24
        interface ten1/2.40
         encapsulation dot1q 40
         vrf definition two
         ip address 10.1.0.1/24

        """, LaboratoryConfiguration.bgp,
        "ip route vrf one 172.16.0.0/12 10.9.0.2\nip route vrf two 172.16.0.0/12 Null0\n",
    ].joined()

    @Test func aChangedBoxIsLikeAFreshOne() async throws {
        let changed = try Laboratory()
        try await changed.start(Text.first)
        try await changed.replace(Self.second)
        let fresh = try Laboratory()
        try await fresh.start(Self.second)
        let expected = try await fresh.content()
        #expect(try await changed.content(expecting: expected) == expected)
        #expect(expected.violations == 0)
        #expect(expected.labels == ["ten1/0 ten1/0 vrf two two", "ten1/0 ten1/0.1 three"])
        // And back again.
        try await changed.replace(Text.first)
        await fresh.stop()
        let original = try Laboratory()
        try await original.start(Text.first)
        let before = try await original.content()
        #expect(try await changed.content(expecting: before) == before)
        await changed.stop()
        await original.stop()
    }

    @Test func whatIsUnchangedIsNotTouched() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        func records() throws -> [UInt64] {
            let reader = try laboratory.tables().reader
            let root = reader.ipv4Root(ofVRF: 2)
            let hops = [0x0A01_0001, 0x0A01_0005].map { reader.fib.lookup(ipv4: $0, root: root) }
            return [UInt64(reader.interface(port: 2, vid: 30))] + hops.map(UInt64.init)
                + hops.map { reader.nextHop($0).rawValue }
        }
        let before = try records()
        #expect(before[0] != 0)
        try await laboratory.replace(Text.first.replacing("10.1.0.1/24\n ipv6", with: "10.5.0.1/24\n ipv6"))
        #expect(try records() == before)
        await laboratory.stop()
    }

    private func bgp(of laboratory: Laboratory) async throws -> BGPSummaryResult? {
        try? await laboratory.ask(ShowBGPSummary())
    }

    /// `router bgp` comes, gets another identifier and another AS, and goes; the tables' other contents stay.
    @Test func theBGPProcessComesChangesAndGoes() async throws {
        let vrfs = Text.vrfs.replacing("optE 192.0.2.2", with: "optE")
        let without = [Text.ports, vrfs, Text.interfaces].joined()
        let laboratory = try Laboratory()
        try await laboratory.start(without)
        let before = try await laboratory.content()
        #expect(before.labels.isEmpty)
        try await laboratory.replace(without + Text.bgp)
        let first = try await bgp(of: laboratory)
        #expect(first?.localAutonomousSystem == 42)
        #expect(first?.neighbors.map(\.remoteAutonomousSystem) == [65001])
        #expect(try await laboratory.content().labels.count == 2)
        try await laboratory.replace(
            (without + Text.bgp).replacing("router bgp 42\n", with: "router bgp 43\n bgp router-id 192.0.2.77\n"))
        let second = try await bgp(of: laboratory)
        #expect(second?.localAutonomousSystem == 43)
        #expect(second?.routerIdentifier == IPv4Address(192, 0, 2, 77))
        try await laboratory.replace(without)
        try await laboratory.content().expectEqual(before)
        await laboratory.stop()
    }

    @Test func aBadTextChangesNothing() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let before = try await laboratory.content()
        let text = ConfigurationText(
            text: Text.first + "interface ten1/1\n vrf definition nobody\n", fileName: "bad.conf")
        let answer = try await #require(laboratory.plane).answer(ReplaceConfiguration(text))
        guard case .failure(let error) = answer else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .configurationInvalid)
        #expect(!error.diagnostics.isEmpty)
        #expect(try await laboratory.content() == before)
        await laboratory.stop()
    }

    @Test func explanationsNameTheConfigurationLine() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let unlabelled = try await laboratory.explain(
            ExplainPacket(interface: "ten1/0", source: IPAddress("10.1.0.8")!, destination: IPAddress("10.1.0.7")!))
        #expect(unlabelled.verdict == .dropped)
        #expect(unlabelled.reason == "unlabelled_on_nni")
        let labels = try await laboratory.ask(ShowLabels())
        let label = try #require(labels.labels.first { $0.vrf == "two" }?.label)
        let labelled = try await laboratory.explain(
            ExplainPacket(
                interface: "ten1/0", labels: [label], source: IPAddress("198.51.100.1")!,
                destination: IPAddress("10.1.0.7")!))
        #expect(labelled.verdict == .punted)
        #expect(labelled.vrf == "two")
        // VRF two has no unit there: its label comes from the VRF's own optE line.
        let line = Text.first.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(of: "ip vrf two")
        let step = try #require(labelled.steps.first { $0.stage == "label_check" })
        #expect(step.configurationLine == line.map { "test.conf:\($0 + 1)" })
        let other = try #require(MPLSLabel(rawValue: label.rawValue + 100))
        let wrong = try await laboratory.explain(
            ExplainPacket(
                interface: "ten1/0", labels: [other], source: IPAddress("198.51.100.1")!,
                destination: IPAddress("10.1.0.7")!))
        #expect(wrong.reason == "label_not_valid_here")
        await laboratory.stop()
    }
}
