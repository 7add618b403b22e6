import ControlPlane
import Foundation
import Testing

@Suite struct AllocationsOnDiskTests {
    /// Starting without them could give one customer's label to another.
    @Test(arguments: ["", "STILEALC", "anything else", String(repeating: "x", count: 1000)])
    func damagedAllocationsAreRefused(contents: String) async throws {
        let laboratory = try Laboratory()
        let state = laboratory.options.stateDirectory
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try contents.write(toFile: state + "/allocations", atomically: false, encoding: .utf8)
        await #expect(throws: ControlPlaneStartError.self) {
            try await laboratory.start(LaboratoryConfiguration.first)
        }
        // And they are left as they are, for somebody to look at.
        #expect(try String(contentsOfFile: state + "/allocations", encoding: .utf8) == contents)
    }

    @Test func nothingElseIsNeededOnDisk() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        await laboratory.stop()
        let state = laboratory.options.stateDirectory
        for name in try FileManager.default.contentsOfDirectory(atPath: state) where name != "allocations" {
            try Data("nonsense\u{0}\n".utf8).write(to: URL(fileURLWithPath: "\(state)/\(name)"))
        }
        try await laboratory.start(LaboratoryConfiguration.first)
        #expect(try laboratory.tables().generation == 2)
        await laboratory.stop()
    }
}
