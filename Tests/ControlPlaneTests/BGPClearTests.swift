import Addressing
import ControlPlane
import ControlProtocol
import Testing

/// `bgp clear neighbor`: it says what it did and what it could not do.
@Suite struct BGPClearTests {
    private func clear(_ laboratory: Laboratory, soft: Bool) async throws -> BGPClearResult {
        let neighbor = try #require(IPAddress("192.0.2.2"))
        return try await laboratory.ask(ClearBGPSession(neighbor: neighbor, isSoft: soft))
    }

    @Test func aClearSaysWhatItDid() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let neighbor = try #require(IPAddress("192.0.2.2"))
        let soft = try await clear(laboratory, soft: true)
        #expect(soft.neighbors.isEmpty)
        #expect(
            soft.notRefreshed == [BGPNotRefreshed(neighbor: neighbor, family: .vpnv4, reason: .sessionDown)])
        let hard = try await clear(laboratory, soft: false)
        #expect(hard.neighbors == [neighbor] && hard.notRefreshed.isEmpty)
        try await laboratory.replace(
            LaboratoryConfiguration.first.replacing(
                " neighbor 192.0.2.2 remote-as 65001\n",
                with: " neighbor 192.0.2.2 remote-as 65001\n neighbor 192.0.2.2 shutdown message \"back soon\"\n"))
        for isSoft in [false, true] {
            await #expect(throws: ControlError.self) { try await clear(laboratory, soft: isSoft) }
        }
        await laboratory.stop()
    }
}
