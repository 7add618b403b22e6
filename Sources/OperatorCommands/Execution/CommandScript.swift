import ControlProtocol

/// Commands that stand in a text, one on each line.
struct CommandScript {
    let runner: CommandRunner

    /// Runs the lines in order and stops at the first that does not end with ``ExitCode/done``.
    ///
    /// Empty lines and comments (`!`, `#`) are passed over.
    /// - Returns: the exit code of the last command that ran.
    func run(_ lines: some Sequence<String>) -> ExitCode {
        for line in lines {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first, !first.hasPrefix("!"), !first.hasPrefix("#") else { continue }
            do throws(UsageError) {
                let operation = try CommandGrammar.parse(words)
                if operation == .leave { return .done }
                let exitCode = runner.run(operation)
                guard exitCode == .done else { return exitCode }
            } catch {
                return runner.fail(CommandFailure(error))
            }
        }
        return .done
    }
}
