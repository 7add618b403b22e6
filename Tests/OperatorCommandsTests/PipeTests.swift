import ControlProtocol
import ControlProtocolSamples
import OperatorCommands
import Testing

/// What `|` does with the output of a command.
@Suite struct PipeTests {
    private static let text = Samples.runningConfiguration.text(.plain)

    private static func lines(_ condition: (Substring) -> Bool) -> String {
        text.split(separator: "\n").filter(condition).map { $0 + "\n" }.joined()
    }

    @Test func `lines are chosen and counted`() async throws {
        let outcomes = try await StileProcess.withServer { socket in
            try [
                "| include mpls", "| exclude mpls", "| count", "| include mpls | count", "| include m..s|hostname",
                "| no-more", "| begin .*",
            ].map { pipe in
                try StileProcess.run(
                    ["--socket", socket, "show", "running-config"] + pipe.split(separator: " ").map(String.init))
            }
        }
        #expect(outcomes.allSatisfy { $0.exitCode == .done })
        let mpls = Self.lines { $0.contains("mpls") }
        #expect(outcomes[0].standardOutput == mpls)
        #expect(outcomes[1].standardOutput == Self.lines { !$0.contains("mpls") })
        #expect(outcomes[2].standardOutput == "\(Self.text.split(separator: "\n").count)\n")
        #expect(outcomes[3].standardOutput == "\(mpls.split(separator: "\n").count)\n")
        #expect(outcomes[4].standardOutput == Self.lines { $0.contains("mpls") || $0.contains("hostname") })
        #expect(outcomes[5].standardOutput == Self.text && outcomes[6].standardOutput == Self.text)
    }

    @Test func `a section is a line with what is indented below it`() async throws {
        let text = "a\n b\n  c\nab\nd\n b\n"
        let handler: ControlServer.Handler = { _, _ in .success(RunningConfigurationResult(text: text)) }
        let outcomes = try await StileProcess.withServer(handler) { socket in
            try ["section a", "begin ab", "section b"].map { pipe in
                try StileProcess.run(
                    ["--socket", socket, "show", "running-config", "|"] + pipe.split(separator: " ").map(String.init))
            }
        }
        #expect(outcomes.map(\.standardOutput) == ["a\n b\n  c\nab\n", "ab\nd\n b\n", " b\n  c\nab\n b\n"])
    }

    @Test func `what goes through no pipe is refused`() async throws {
        try await StileProcess.withServer { socket in
            for words in [
                ["show", "drops", "|"], ["show", "drops", "|", "include"], ["show", "drops", "|", "grep", "x"],
                ["show", "drops", "|", "include", "("], ["commit", "|", "include", "x"],
                ["-j", "show", "drops", "|", "count"],
            ] {
                let outcome = try StileProcess.run(["--socket", socket] + words)
                #expect(outcome.exitCode == .usage && outcome.standardOutput.isEmpty, "\(words)")
            }
        }
    }
}
