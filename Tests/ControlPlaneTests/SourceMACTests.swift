import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import Testing

/// From which Ethernet addresses a label is valid where several neighbors share an NNI, and where one is asked for it.
@Suite struct SourceMACTests {
    private static let first = LaboratoryConfiguration.first
    private static let neighbor = IPv4Address(192, 0, 2, 2)
    private static let second =
        "router bgp 42\n neighbor 192.0.2.3 remote-as 65002\n address-family vpnv4\n  neighbor 192.0.2.3 optE\n"

    /// An NNI with room for a second neighbor.
    private static let wide = first.replacing("192.0.2.1/30", with: "192.0.2.1/29")

    /// What becomes of the packets that a neighbor sends by its label of a VRF.
    private func verdict(
        _ laboratory: Laboratory, vrf: String = "two", of neighbor: IPv4Address = neighbor
    ) async throws -> ExplanationResult {
        let labels = try await laboratory.ask(ShowLabels())
        let label = try #require(labels.labels.first { $0.vrf == vrf && $0.neighbor == .ipv4(neighbor) }?.label)
        return try await laboratory.explain(
            ExplainPacket(
                interface: "ten1/0", labels: [label], source: #require(IPAddress("198.51.100.1")),
                destination: #require(IPAddress("10.1.0.7"))))
    }

    private func answer(_ dataplane: FakeDataplane, _ laboratory: Laboratory) throws {
        let nni = try laboratory.services().interface(port: 0).counter
        var frame = Laboratory.hardwareAddress.octets + Laboratory.customer.octets
        frame += [8, 6, 0, 1, 8, 0, 6, 4, 0, 2] + Laboratory.customer.octets + Self.neighbor.octets
        frame += Laboratory.hardwareAddress.octets + IPv4Address(192, 0, 2, 1).octets
        dataplane.punt(STILE_PUNT_ARP, counter: nni, isFrame: true, frame)
    }

    private func sources(_ laboratory: Laboratory) async throws -> String? {
        try await verdict(laboratory).steps.first { $0.stage == "label_check" }?.entry
    }

    @Test func `with two neighbors a label waits for its own one's address`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.wide + Self.second)
        let dataplane = try await laboratory.dataplane()
        #expect(try await verdict(laboratory).reason == "foreign_source_mac")
        #expect(try await sources(laboratory)?.hasSuffix("from nobody yet") == true)
        // The neighbor is asked for its address though no route leads to it.
        var injected: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an ARP request") {
            injected += dataplane.takeInjected()
            return injected.contains { $0.data.count == 60 && Array($0.data[38..<42]) == Self.neighbor.octets }
        }
        try answer(dataplane, laboratory)
        try await laboratory.eventually("the label is valid") {
            try await verdict(laboratory).reason != "foreign_source_mac"
        }
        #expect(try await sources(laboratory)?.contains("from \(Laboratory.customer),") == true)
        // The other one is waited for still.
        let other = try await verdict(laboratory, vrf: "one", of: IPv4Address(192, 0, 2, 3))
        #expect(other.reason == "foreign_source_mac")
        // Alone again, the neighbor may send from where it likes.
        try await laboratory.replace(Self.wide)
        #expect(try await sources(laboratory)?.contains(" from ") == false)
        #expect(try laboratory.services().labelEntries(port: 0).allSatisfy { $0.flags & 1 == 1 })
        await laboratory.stop()
    }

    @Test func `an NNI can ask it of its only neighbor and name further addresses`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.first)
        #expect(try await verdict(laboratory).verdict == .punted)
        let asking = Self.first.replacing(
            " ip address 192.0.2.1/30", with: " optE source-mac\n ip address 192.0.2.1/30")
        try await laboratory.replace(asking)
        #expect(try await verdict(laboratory).reason == "foreign_source_mac")
        try await laboratory.replace(
            asking.replacing(
                " neighbor 192.0.2.2 remote-as 65001",
                with: " neighbor 192.0.2.2 remote-as 65001\n neighbor 192.0.2.2 source-mac 0200.0000.0177"))
        #expect(try await verdict(laboratory).verdict == .punted)
        #expect(try await sources(laboratory)?.contains("from 02:00:00:00:01:77,") == true)
        try await laboratory.replace(asking)
        #expect(try await verdict(laboratory).reason == "foreign_source_mac")
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.vrfs.first { $0.vrf == "two" }?.entrances.contains { $0.label != nil } == true)
        #expect(isolation.violations.isEmpty)
        try await laboratory.replace(Self.first)
        #expect(try await verdict(laboratory).verdict == .punted)
        await laboratory.stop()
    }

    @Test func `a VRF that is closed to a neighbor takes no address from the neighbor's other labels`() async throws {
        let more = MACAddress(rawValue: 0x0200_0000_0177)
        let both = Self.first.replacing("delay 0", with: "delay 3600")
            .replacing(" ip address 192.0.2.1/30", with: " optE source-mac\n ip address 192.0.2.1/30")
            .replacing(
                " neighbor 192.0.2.2 remote-as 65001",
                with: " neighbor 192.0.2.2 remote-as 65001\n neighbor 192.0.2.2 source-mac \(more)")
        let laboratory = try Laboratory()
        try await laboratory.start(both)
        func sources() async throws -> [String: [MACAddress]?] {
            let labels = try await laboratory.ask(ShowLabels())
            return Dictionary(uniqueKeysWithValues: labels.labels.map { ($0.vrf, $0.sourceMacAddresses) })
        }
        #expect(try await sources() == ["one": [more], "two": [more]])
        // Two's label is valid for a while still.
        try await laboratory.replace(both.replacing(" optE 192.0.2.2\n", with: ""))
        #expect(try await sources() == ["one": [more], "two": [more]])
        await laboratory.stop()
    }
}
