import ControlProtocol

/// A command that is repeated until Control-C or until it fails.
struct CommandWatch {
    let runner: CommandRunner
    let intervalSeconds: Double
    /// Whether each round begins on an empty screen; otherwise an empty line stands between them.
    let clearsScreen: Bool

    func run(words: [String]) -> ExitCode {
        let pipeline: CommandPipeline
        do throws(UsageError) {
            pipeline = try CommandPipeline(words: words)
        } catch {
            return runner.fail(CommandFailure(error, in: words.joined(separator: " ")))
        }
        guard case .request(let request) = pipeline.operation, type(of: request).onlyLooks else {
            return runner.fail(CommandFailure(exitCode: .usage, message: "only show and explain can be watched"))
        }
        var isFirst = true
        while true {
            if clearsScreen {
                runner.output.standardOutput("\u{1B}[H\u{1B}[2J")
            } else if !isFirst, case .text = runner.output.form {
                runner.output.standardOutput("\n")
            }
            isFirst = false
            let exitCode = runner.run(pipeline)
            // A packet that would be dropped is a result too; everything else ends the watch, a violation of isolation
            // with it.
            guard exitCode == .done || exitCode == .packetDropped else { return exitCode }
            guard Interrupt.sleep(seconds: intervalSeconds) else { return .interrupted }
        }
    }
}
