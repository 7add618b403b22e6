import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import Testing

/// A common label in the tables: one entry on an NNI, whoever was told it.
@Suite struct CommonLabelTablesTests {
    private static let second =
        "router bgp 42\n neighbor 192.0.2.3 remote-as 65002\n address-family vpnv4\n  neighbor 192.0.2.3 optE\n"
    /// An NNI with room for a second neighbor, and VRF one with label 1001 on it.
    private static let first =
        "mpls label-block dcb 1000 1099\n"
        + LaboratoryConfiguration.first.replacing("192.0.2.1/30", with: "192.0.2.1/29")
        .replacing(" rd 42:1\n", with: " rd 42:1\n label common 1001\n")

    private func told(_ laboratory: Laboratory) async throws -> [IPAddress] {
        try await laboratory.ask(ShowLabels()).labels.filter { $0.vrf == "one" && $0.label.rawValue == 1001 }
            .map(\.neighbor)
    }

    /// The flags of its entry on the NNI.
    private func flags(_ laboratory: Laboratory) throws -> UInt32 {
        let services = try laboratory.services()
        let nni = services.interface(port: 0)
        let place = try #require(nni.label_base <= 1001 ? Int(nni.label_first + 1001 - nni.label_base) : nil)
        return UInt32(services.reader.labelEntries[place].flags)
    }

    private static let bySource = STILE_FLAG_BY_SOURCE.rawValue
    private static let valid = STILE_FLAG_VALID.rawValue

    @Test func `it stays valid from who is left, and from nobody else`() async throws {
        let laboratory = try Laboratory()
        let addresses = try ["192.0.2.2", "192.0.2.3"].map { try #require(IPAddress($0)) }
        try await laboratory.start(Self.first + Self.second)
        #expect(try await told(laboratory) == addresses)
        #expect(try flags(laboratory) & (Self.bySource | Self.valid) == Self.bySource)
        try await laboratory.replace(Self.first)
        #expect(try await told(laboratory) == [addresses[0]])
        // The other one was told the same number: what it sends by it is not taken for the first one's.
        #expect(try flags(laboratory) & (Self.bySource | Self.valid) == Self.bySource)
        try await laboratory.replace(Self.first + Self.second)
        #expect(try flags(laboratory) & (Self.bySource | Self.valid) == Self.bySource)
        await laboratory.stop()
    }

    @Test func `alone it is valid from everywhere, as any other`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.first)
        #expect(try await told(laboratory).count == 1)
        #expect(try flags(laboratory) & (Self.bySource | Self.valid) == Self.valid)
        let link = try #require(
            try await laboratory.ask(ShowIsolation()).links.first { $0.interface == "ten1/0" })
        #expect(link.unchecked.contains(UncheckedProperty(.commonLabel, vrfs: ["one"])))
        let spaces = try await laboratory.ask(ShowLabelSpaces()).spaces
        #expect(spaces.map(\.kind) == [.default] && spaces[0].labels.map(\.validOn) == [["ten1/0"]])
        await laboratory.stop()
    }

    @Test func `as many may share it as its sources have room for`() async throws {
        let laboratory = try Laboratory()
        let line = " neighbor 192.0.2.2 remote-as 65001"
        let more = (1...7).map { "\n neighbor 192.0.2.2 source-mac 0200.0000.010\($0)" }.joined()
        let many = Self.first.replacing(line, with: line + more)
        try await laboratory.start(many)
        #expect(try await told(laboratory).count == 1)
        try await laboratory.replace(many + Self.second)
        #expect(try await told(laboratory).count == 1, "there is no room for the second one's address")
        await laboratory.stop()
    }
}
