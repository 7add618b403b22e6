import Addressing
import ControlPlane
import ControlProtocol
import Testing

/// A label outlives the withdrawal of its last route for a little while, and its neighbor's end not at all.
@Suite struct WithdrawnLabelTests {
    private static let slow = LaboratoryConfiguration.first.replacing("delay 0", with: "delay 3600")
    private static let withoutTwo = slow.replacing(" optE 192.0.2.2\n", with: "")

    private func valid(_ laboratory: Laboratory) async throws -> [String] {
        let labels = try await laboratory.ask(ShowLabels())
        return labels.labels.map(\.vrf).sorted()
    }

    @Test func aWithdrawnLabelIsValidForTheDelay() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.slow)
        try await laboratory.replace(Self.withoutTwo)
        #expect(try await valid(laboratory) == ["one", "two"])
        await laboratory.stop()
    }

    @Test func withoutADelayItEndsAtTheNextLook() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        try await laboratory.replace(Self.withoutTwo.replacing("delay 3600", with: "delay 0"))
        try await laboratory.eventually("the label is not valid") { try await valid(laboratory) == ["one"] }
        await laboratory.stop()
    }

    @Test(arguments: [
        " neighbor 192.0.2.2 shutdown\n", " neighbor 192.0.2.2 remote-as 65009\n", nil,
    ])
    func aNeighborThatIsShutDownOrAnotherHasNoneAtOnce(line: String?) async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.slow)
        // One of the two is on its way out.
        try await laboratory.replace(Self.withoutTwo)
        let own = " neighbor 192.0.2.2 remote-as 65001\n"
        var changed = Self.withoutTwo
        if let line {
            changed = changed.replacing(own, with: line.contains("remote-as") ? line : own + line)
        } else {
            changed = changed.replacing(own, with: "").replacing("  neighbor 192.0.2.2 optE\n", with: "")
        }
        try await laboratory.replace(changed, sessions: false)
        #expect(try await valid(laboratory) == [])
        await laboratory.stop()
    }

    @Test func noLabelIsValidBeforeTheSessionIsUp() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.slow, sessions: false)
        #expect(try await valid(laboratory) == [])
        await laboratory.stop()
    }
}
