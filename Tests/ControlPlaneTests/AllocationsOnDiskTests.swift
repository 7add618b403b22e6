import Configuration
import ControlPlane
import ControlProtocol
import Foundation
import NIOPosix
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

    private static func vrfsWithLabels(_ laboratory: Laboratory) async throws -> [String] {
        let labels = try await laboratory.ask(ShowLabels())
        return labels.labels.map(\.vrf).sorted()
    }

    /// A label that waits for the disk is valid once anything has been written, whoever wrote it.
    @Test func aLabelWaitsForTheDiskAndNoLonger() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first.replacing(" optE 192.0.2.2\n", with: ""))
        func vrfs() async throws -> [String] { try await Self.vrfsWithLabels(laboratory) }
        #expect(try await vrfs() == ["one"])
        // In the way of the new allocations.
        let obstacle = laboratory.options.stateDirectory + "/allocations.new"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        try await laboratory.replace(LaboratoryConfiguration.first)
        #expect(try await vrfs() == ["one"])
        try FileManager.default.removeItem(atPath: obstacle)
        let third = "ip vrf three\n rd 42:3\n route-target both 42:3\n optE 192.0.2.2\n"
        try await laboratory.replace(LaboratoryConfiguration.first + third)
        try await laboratory.eventually("all labels are valid") { try await vrfs() == ["one", "three", "two"] }
        await laboratory.stop()
    }

    /// A disk that hangs: whoever opens the file waits until somebody reads it.
    @Test func aDiskThatHangsHoldsNothingElse() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first.replacing(" optE 192.0.2.2\n", with: ""))
        func vrfs() async throws -> [String] { try await Self.vrfsWithLabels(laboratory) }
        let obstacle = laboratory.options.stateDirectory + "/allocations.new"
        #expect(mkfifo(obstacle, 0o600) == 0)
        let plane = try #require(laboratory.plane)
        let text = ConfigurationText(text: LaboratoryConfiguration.first, fileName: "new.conf")
        let change = Task { await plane.answer(ReplaceConfiguration(text)) }
        // Requests are answered, those that change nothing at all too, and what is on disk works.
        for _ in 0..<20 { #expect(try await vrfs() == ["one"]) }
        _ = try await laboratory.ask(CheckConfiguration(text))
        // The disk gives up: the write is an error, and the next one goes to a file.
        let reader = open(obstacle, O_RDONLY | O_NONBLOCK)
        #expect(reader >= 0)
        try FileManager.default.removeItem(atPath: obstacle)
        _ = try await change.value.get()
        try await laboratory.eventually("all labels are valid") { try await vrfs() == ["one", "two"] }
        close(reader)
        await laboratory.stop()
    }

    @Test func nothingElseIsNeededOnDisk() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        await laboratory.stop()
        let state = laboratory.options.stateDirectory
        let nonsense = Data("nonsense\u{0}\n".utf8)
        for name in ["counter-baselines", "established", "commits/1"] {
            try nonsense.write(to: URL(fileURLWithPath: "\(state)/\(name)"))
        }
        try await laboratory.start(LaboratoryConfiguration.first)
        #expect(try laboratory.tables().generation == 2)
        // What could not be read is kept for somebody to look at.
        for name in ["counter-baselines", "established"] {
            #expect(FileManager.default.contents(atPath: "\(state)/\(name).damaged") == nonsense)
        }
        await laboratory.stop()
    }

    @Test func aSecondProcessIsKeptOutOfTheStateDirectory() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        var options = laboratory.options
        options.runtimeDirectory += "-of-another"
        let start = try StartConfiguration(text: LaboratoryConfiguration.first, fileName: "test.conf")
        let error = #expect(throws: ControlPlaneStartError.self) {
            try ControlPlane(options: options, configuration: start, group: MultiThreadedEventLoopGroup.singleton)
        }
        #expect(
            error?.description.contains("another stiled works on this state directory (process \(getpid()))") == true)
        await laboratory.stop()
        try await laboratory.start(LaboratoryConfiguration.first)
        await laboratory.stop()
    }
}
