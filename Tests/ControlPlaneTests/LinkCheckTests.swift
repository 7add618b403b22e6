import Addressing
import ControlPlane
import ControlProtocol
import Testing

/// What `show isolation` says of each link: which labels are valid there, how deep a stack may be, and what is not checked.
@Suite struct LinkCheckTests {
    private static let core = """
        port ten1/3
         device net_null3
         mac-address 02:00:00:00:00:13
        interface ten1/3
         encap mpls core
         ip address 10.98.0.2/24
        router bgp 42
         neighbor 10.98.0.1 remote-as 42
         address-family vpnv4
          neighbor 10.98.0.1 activate

        """

    private static func links(_ text: String) async throws -> [String: LinkCheck] {
        let laboratory = try Laboratory()
        try await laboratory.start(text)
        let links = try await laboratory.ask(ShowIsolation()).links
        await laboratory.stop()
        return Dictionary(uniqueKeysWithValues: links.map { ($0.interface, $0) })
    }

    @Test func `an NNI of Option E takes one label of each VRF, a circuit none, and the core its own`() async throws {
        let links = try await Self.links(LaboratoryConfiguration.first + Self.core)
        #expect(links.keys.sorted() == ["core", "ten1/0", "ten1/1", "ten1/2.30"])
        let nni = try #require(links["ten1/0"])
        #expect(nni.kind == "optE" && nni.vrf == nil && nni.deepestStack == 1)
        #expect(nni.neighbors == [.ipv4(IPv4Address(192, 0, 2, 2))])
        #expect(nni.labels.map(\.vrf) == ["one", "two"] && nni.labels.allSatisfy { $0.labels.count == 1 })
        #expect(
            nni.unchecked == [
                UncheckedProperty(.farEndSeparation, vrfs: ["one", "two"]),
                UncheckedProperty(.ipv4Sources, vrfs: ["one", "two"]),
                UncheckedProperty(.ipv6Sources, vrfs: ["one", "two"]), UncheckedProperty(.sendersAddress),
            ])
        let circuit = try #require(links["ten1/2.30"])
        #expect(circuit.kind == "circuit" && circuit.vrf == "two" && circuit.deepestStack == 0 && circuit.labels == [])
        #expect(
            circuit.unchecked == [
                UncheckedProperty(.farEndSeparation), UncheckedProperty(.ipv4Sources, vrfs: ["two"]),
                UncheckedProperty(.ipv6Sources, vrfs: ["two"]),
            ])
        let core = try #require(links["core"])
        #expect(core.kind == "core" && core.deepestStack == 1 && core.labels.map(\.vrf) == ["one", "two"])
        #expect(
            core.unchecked == [
                UncheckedProperty(.sendersRouter), UncheckedProperty(.ipv4Sources, vrfs: ["one", "two"]),
                UncheckedProperty(.ipv6Sources, vrfs: ["one", "two"]),
            ])
        let all = nni.labels + core.labels
        #expect(Set(all.flatMap(\.labels)).count == 4)
    }

    @Test func `what is checked is not said to be unchecked`() async throws {
        let check =
            " ip verify unicast source reachable-via rx\n ipv6 verify unicast source reachable-via rx\n"
        let text = LaboratoryConfiguration.first
            .replacing("interface ten1/0.1\n", with: " optE source-mac\ninterface ten1/0.1\n\(check)")
            .replacing("interface ten1/1\n", with: "interface ten1/1\n\(check)")
        let links = try await Self.links(text)
        #expect(
            links["ten1/0"]?.unchecked == [
                UncheckedProperty(.farEndSeparation, vrfs: ["one", "two"]),
                UncheckedProperty(.ipv4Sources, vrfs: ["two"]), UncheckedProperty(.ipv6Sources, vrfs: ["two"]),
            ])
        #expect(links["ten1/1"]?.unchecked == [UncheckedProperty(.farEndSeparation)])
        // Each family for itself.
        let half = text.replacing(" ipv6 verify unicast source reachable-via rx\n", with: "")
        #expect(
            try await Self.links(half)["ten1/1"]?.unchecked == [
                UncheckedProperty(.farEndSeparation), UncheckedProperty(.ipv6Sources, vrfs: ["one"]),
            ])
        #expect(try await Self.links(half)["core"] == nil)
    }

    @Test func `an NNI of Option B takes what is swapped, and does not know whose it is`() async throws {
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        var links = try await laboratory.ask(ShowIsolation()).links
        #expect(links.map(\.interface) == ["ten1/0", "core"] && links.allSatisfy { $0.deepestStack == 0 })
        try await RelayedLabelTests.ofCore(500, in: laboratory)
        let label = try await RelayedLabelTests.given(500, at: "ten1/0", in: laboratory)
        links = try await laboratory.ask(ShowIsolation()).links
        #expect(links[0].kind == "optB" && links[0].deepestStack == 1)
        #expect(links[0].labels == [LinkLabels(vrf: nil, labels: [label])])
        #expect(links[0].unchecked == [UncheckedProperty(.customer), UncheckedProperty(.sendersAddress)])
        #expect(links[1].labels == [])
        await laboratory.stop()
    }
}
