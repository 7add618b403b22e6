import ControlPlane
import ControlProtocol
import Foundation
import Testing

private typealias Text = LaboratoryConfiguration

/// What the requests about the configuration refuse and hide.
@Suite struct ConfigurationRequestTests {
    private static let secret = "first-secret"
    private static let withPassword = Text.first.replacing(
        "neighbor 192.0.2.2 remote-as 65001",
        with: "neighbor 192.0.2.2 remote-as 65001\n neighbor 192.0.2.2 password \(secret)")

    private static func text(_ text: String, force: Bool? = nil) -> ConfigurationText {
        ConfigurationText(text: text, fileName: "new.conf", force: force)
    }

    @Test(arguments: ["", "! a file that was cut short\n\n"])
    func `a text that says nothing is refused unless it is forced`(empty: String) async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let requests: [any ControlRequest] = [
            ReplaceConfiguration(Self.text(empty)), CheckConfiguration(Self.text(empty)),
        ]
        for request in requests {
            let error = await #expect(throws: ControlError.self) { try await laboratory.ask(request) }
            #expect(error?.code == .configurationInvalid && error?.code.exitCode == .configurationInvalid)
            #expect(error?.message.hasPrefix("new.conf says nothing") == true)
        }
        let kept = try await laboratory.ask(ShowVRFs())
        #expect(kept.vrfs.count == 2)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(empty, force: true)))
        let left = try await laboratory.ask(ShowVRFs())
        #expect(left.vrfs.isEmpty)
        await laboratory.stop()
    }

    @Test func `passwords are kept on disk and shown nowhere`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.withPassword)
        let shown = try await laboratory.ask(ShowRunningConfiguration())
        #expect(shown.text.contains("neighbor 192.0.2.2 password <hidden>") && !shown.text.contains(Self.secret))
        func path(_ commit: Int) -> String { laboratory.options.stateDirectory + "/commits/\(commit)" }
        #expect(try String(contentsOfFile: path(1), encoding: .utf8).contains("password \(Self.secret)"))
        var status = stat()
        #expect(lstat(path(1), &status) == 0 && status.st_mode & 0o7777 == 0o600)
        // What is shown, read back, changes nothing; another password is told and not shown.
        let same = try await laboratory.ask(DiffConfiguration(Self.text(shown.text)))
        let other = try await laboratory.ask(
            ReplaceConfiguration(Self.text(Self.withPassword.replacing(Self.secret, with: "another"))))
        #expect(same.lines.isEmpty)
        #expect(
            other.changes.map(\.text) == [
                "router bgp 42", " neighbor 192.0.2.2 password <hidden>",
                " neighbor 192.0.2.2 password <hidden> ! password changed",
            ])
        // The other one is the base now.
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(shown.text)))
        #expect(try String(contentsOfFile: path(3), encoding: .utf8).contains("password another"))
        let committed = try await laboratory.ask(ShowCommit(number: 2, wantsText: true))
        #expect(committed.text?.contains("neighbor 192.0.2.2 password <hidden>") == true)
        #expect(committed.text?.contains("another") == false)
        let error = await #expect(throws: ControlError.self) {
            try await laboratory.ask(
                ReplaceConfiguration(Self.text(shown.text.replacing("192.0.2.2", with: "192.0.2.3"))))
        }
        #expect(error?.diagnostics.contains { $0.code == "hidden-password" } == true)
        await laboratory.stop()
    }

    @Test func `the answer says what could not be done`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        func problems(_ text: String) async throws -> [String] {
            try await laboratory.ask(ReplaceConfiguration(Self.text(text))).problems
        }
        #expect(try await problems(Text.first.replacing("laboratory", with: "other")).isEmpty)
        // In the way of what is to be written, as a full disk is.
        let state = laboratory.options.stateDirectory
        try FileManager.default.createDirectory(atPath: state + "/allocations.new", withIntermediateDirectories: false)
        let third = "ip vrf three\n rd 42:3\n route-target both 42:3\n optE 192.0.2.2\n"
        let unsaved = try await problems(Text.first + third)
        #expect(unsaved.contains { $0.hasPrefix("the allocations cannot be saved") })
        try FileManager.default.removeItem(atPath: state + "/allocations.new")
        // One label for two more VRFs.
        let more = [4, 5].map { "ip vrf more\($0)\n rd 42:\($0)\n route-target both 42:\($0)\n optE 192.0.2.2\n" }
        let exhausted = try await problems("mpls label range 100 100\n" + Text.first + third + more.joined())
        #expect(exhausted.contains { $0.hasPrefix("labels are lacking in VRF") })
        await laboratory.stop()
    }
}
