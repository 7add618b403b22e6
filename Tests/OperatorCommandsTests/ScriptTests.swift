import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

@Suite("Commands from a file or from standard input")
struct ScriptTests {
    @Test("commands run in order, comments are passed over, exit ends")
    func order() async throws {
        try await StileProcess.withServer { socket in
            let script = "! a comment\n\nshow running-config\n# another\nsh drops\nexit\nnonsense\n"
            let outcome = try StileProcess.run(["--socket", socket], input: script)
            #expect(outcome.exitCode == .done)
            #expect(outcome.standardOutput == Samples.runningConfiguration.text(.plain) + Samples.drops.text(.plain))
            #expect(
                try StileProcess.run(["--socket", socket, "-f", "-"], input: script).standardOutput
                    == outcome.standardOutput)
        }
    }

    @Test("the first command that fails ends the script with its exit code")
    func failure() async throws {
        try await StileProcess.withServer { socket in
            let outcome = try StileProcess.run(["--socket", socket], input: "nonsense\nshow drops\n")
            #expect(outcome.exitCode == .usage)
            #expect(outcome.standardOutput.isEmpty)
        }
    }
}
