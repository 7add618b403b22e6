import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Foundation
import Testing

/// Labels after the file that says whose they are is gone, or is another: whoever still sends by an old label must not
/// reach another customer.
@Suite struct LostAllocationsTests {
    private static let both = LaboratoryConfiguration.first

    private func labels(_ laboratory: Laboratory) async throws -> [String: MPLSLabel] {
        let labels = try await laboratory.ask(ShowLabels())
        return Dictionary(labels.labels.map { ($0.vrf, $0.label) }, uniquingKeysWith: { first, _ in first })
    }

    private func quarantined(_ laboratory: Laboratory) async throws -> Set<MPLSLabel> {
        let labels = try await laboratory.ask(ShowLabels())
        return Set(labels.quarantined.map(\.label))
    }

    private func remove(_ paths: String...) throws {
        for path in paths { try FileManager.default.removeItem(atPath: path) }
    }

    private func paths(_ laboratory: Laboratory) -> (disk: String, copy: String) {
        (laboratory.options.stateDirectory + "/allocations", laboratory.options.runtimeDirectory + "/allocations")
    }

    @Test func aLostFileIsMadeUpForByTheCopyBesideTheTables() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.both)
        let before = try await labels(laboratory)
        #expect(before.count == 2)
        await laboratory.stop()
        try remove(paths(laboratory).disk)
        try await laboratory.start(Self.both)
        #expect(try await labels(laboratory) == before)
        await laboratory.stop()
    }

    /// Also where they are valid from their neighbors' Ethernet addresses alone.
    @Test(arguments: [false, true])
    func withoutBothTheTablesSayWhichLabelsNobodyMayHave(checksSource: Bool) async throws {
        let both = checksSource ? Self.both.replacing("mpls optE\n", with: "mpls optE\n optE source-mac\n") : Self.both
        let laboratory = try Laboratory()
        try await laboratory.start(both)
        let before = try await labels(laboratory)
        await laboratory.stop()
        try remove(paths(laboratory).disk, paths(laboratory).copy)
        try await laboratory.start(both)
        let after = try await labels(laboratory)
        #expect(after.count == 2)
        #expect(Set(after.values).isDisjoint(with: before.values))
        #expect(try await quarantined(laboratory) == Set(before.values))
        await laboratory.stop()
    }

    /// Until other tables take their place the data plane calls what it punts by the numbers that it knows.
    @Test func theNumbersOfTheTablesInUseBecomeNobodyElses() async throws {
        func numbers(_ laboratory: Laboratory) throws -> (vrfs: Set<UInt16>, circuits: Set<UInt16>, nni: UInt16) {
            let services = try laboratory.services()
            let circuits = [
                services.interface(port: 1),
                services.reader.interfaces[Int(services.reader.interface(port: 2, vid: 30))],
            ]
            return (
                Set(circuits.map(\.vrf)).subtracting([0]), Set(circuits.map(\.counter)).subtracting([0]),
                services.interface(port: 0).counter
            )
        }
        let laboratory = try Laboratory()
        try await laboratory.start(Self.both)
        let before = try numbers(laboratory)
        #expect(before.vrfs.count == 2 && before.circuits.count == 2)
        await laboratory.stop()
        try remove(paths(laboratory).disk, paths(laboratory).copy)
        // By their names alone another customer would come first now.
        try await laboratory.start(
            Self.both.replacing("ip vrf two", with: "ip vrf another").replacing("vrf two", with: "vrf another")
                .replacing("definition two", with: "definition another"))
        let after = try numbers(laboratory)
        #expect(after.vrfs.count == 2 && after.circuits.count == 2)
        #expect(after.vrfs.isDisjoint(with: before.vrfs))
        #expect(after.circuits.isDisjoint(with: before.circuits))
        #expect(after.nni == before.nni, "an NNI is known by its port")
        await laboratory.stop()
    }

    @Test func anOldFileThatWasPutBackIsNotBelieved() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.both.replacing(" optE 192.0.2.2\n", with: ""))
        let (disk, copy) = paths(laboratory)
        let old = try Data(contentsOf: URL(fileURLWithPath: disk))
        try await laboratory.replace(Self.both)
        let before = try await labels(laboratory)
        #expect(before.count == 2)
        await laboratory.stop()
        try old.write(to: URL(fileURLWithPath: disk))
        try await laboratory.start(Self.both)
        #expect(try await labels(laboratory) == before)
        await laboratory.stop()

        // And without the copy what the file does not know goes to nobody.
        try old.write(to: URL(fileURLWithPath: disk))
        try remove(copy)
        try await laboratory.start(Self.both)
        let after = try await labels(laboratory)
        #expect(after["one"] == before["one"])
        #expect(after["two"] != before["two"])
        #expect(try await quarantined(laboratory) == Set([try #require(before["two"])]))
        await laboratory.stop()
    }

    @Test func theFileOfAnotherBoxGivesItsLabelsToNobody() async throws {
        let other = try Laboratory()
        try await other.start(Self.both)
        let foreign = try await labels(other)
        await other.stop()
        let laboratory = try Laboratory()
        try await laboratory.start(Self.both)
        let before = try await labels(laboratory)
        await laboratory.stop()
        try remove(paths(laboratory).disk)
        try FileManager.default.copyItem(atPath: paths(other).disk, toPath: paths(laboratory).disk)
        try await laboratory.start(Self.both)
        #expect(try await labels(laboratory) == before)
        #expect(try await quarantined(laboratory) == Set(foreign.values).subtracting(before.values))
        await laboratory.stop()
    }

    @Test func newBoxesBeginAtAnotherPlaceEach() async throws {
        var found: Set<MPLSLabel> = []
        for _ in 0..<4 {
            let laboratory = try Laboratory()
            try await laboratory.start(Self.both)
            let own = try await labels(laboratory)
            #expect(Set(own.values).isDisjoint(with: found))
            found.formUnion(own.values)
            await laboratory.stop()
        }
    }

    /// What is on disk already is safe, though nothing more can be written.
    @Test func labelsOnDiskAreInstalledWhileTheDiskIsFull() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.both)
        let before = try await labels(laboratory)
        await laboratory.stop()
        // In the way of new allocations.
        let obstacle = paths(laboratory).disk + ".new"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        let third = "ip vrf three\n rd 42:3\n route-target both 42:3\n optE 192.0.2.2\n"
        try await laboratory.start(Self.both + third)
        #expect(try await labels(laboratory) == before)
        try remove(obstacle)
        try await laboratory.eventually("the new label is valid") { try await labels(laboratory).count == 3 }
        await laboratory.stop()
    }
}
