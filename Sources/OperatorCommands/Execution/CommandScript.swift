import ControlProtocol

/// Commands that stand in a text, one on each line.
struct CommandScript {
    let runner: CommandRunner

    /// Runs the lines in order and stops at the first that does not end with ``ExitCode/done``.
    ///
    /// Empty lines and comments (`!`, `#`) are passed over, but in configure mode, where comments are part of the candidate.
    /// - Returns: the exit code of the last command that ran.
    func run(_ lines: some Sequence<String>) -> ExitCode {
        var shell = CommandShell(runner: runner)
        for line in lines {
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#",
                first != "!" || shell.candidate != nil
            else { continue }
            switch shell.run(line) {
            case .done(.done): continue
            // 'show | compare' is for whoever reads what a script says.
            case .done(.differencesExist) where shell.candidate != nil: continue
            case .done(let exitCode): return exitCode
            case .leave: return .done
            case .wouldLoseChanges: return uncommitted()
            }
        }
        return shell.candidate?.state.isChanged == true ? uncommitted() : .done
    }

    private func uncommitted() -> ExitCode {
        runner.fail(
            CommandFailure(
                exitCode: .refused,
                message: "the candidate was not committed, and is gone: 'commit' or 'discard' stands before 'end'"))
    }
}
