import Addressing
import ControlPlane
import ControlProtocol
import Testing

/// `explain packet` names the entry and the class that decided, and their lines.
@Suite struct ServiceExplanationTests {
    private static let text =
        LaboratoryConfiguration.first.replacing(
            "interface ten1/1\n vrf definition one\n",
            with: "interface ten1/1\n vrf definition one\n ip access-group guard in\n service-policy input limit\n")
        + ServicesTests.policies

    /// The number of the line in the text that is `line`, as `explain` writes it.
    private func place(_ line: String) -> String? {
        Self.text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0 == line }.map {
            "test.conf:\($0 + 1)"
        }
    }

    private func query(_ destinationPort: UInt16, ipProtocol: UInt8 = 6, dscp: UInt8 = 0) -> ExplainPacket {
        ExplainPacket(
            interface: "ten1/1", source: IPAddress("10.1.0.8")!, destination: IPAddress("10.1.0.7")!,
            ipProtocol: ipProtocol, sourcePort: 40_000, destinationPort: destinationPort, dscp: dscp)
    }

    @Test func theEntryThatDeniesIsNamed() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let result = try await laboratory.explain(query(23))
        #expect(result.verdict == .dropped)
        #expect(result.reason == "access_list_denied")
        #expect(result.dropClass == .policy)
        let step = try #require(result.steps.last)
        #expect(step.entry?.contains("access list guard: 10 deny tcp any any eq 23") == true)
        #expect(step.configurationLine == place(" 10 deny tcp any any eq 23"))
        await laboratory.stop()
    }

    @Test func theClassThatTakesAPacketIsNamed() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let gold = try await laboratory.explain(query(80, dscp: 46))
        #expect(gold.reason != "access_list_denied")
        let step = try #require(gold.steps.first { $0.entry?.contains("access list guard: 20") == true })
        #expect(step.entry?.contains("class gold of policy map limit, input of ten1/1") == true)
        #expect(step.configurationLine == place(" class gold"))
        let others = try await laboratory.explain(query(80))
        #expect(
            others.steps.contains { $0.entry?.contains("class class-default of policy map limit") == true })
        await laboratory.stop()
    }
}
