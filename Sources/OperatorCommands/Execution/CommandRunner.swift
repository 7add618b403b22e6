import ControlProtocol

/// Carries out commands and shows what comes of them.
struct CommandRunner: Sendable {
    let client: ControlClient
    let output: CommandOutput

    /// Carries out the command that words stand for.
    func run(words: [String]) -> ExitCode {
        do throws(UsageError) {
            return run(try CommandGrammar.parse(words))
        } catch {
            return fail(CommandFailure(error))
        }
    }

    func run(_ operation: Operation) -> ExitCode {
        do throws(CommandFailure) {
            switch operation {
            case .request(let request): return try run(request)
            case .configuration(let type, let file, let clauses):
                var text = try ConfigurationFile.read(file)
                if clauses.isForced { text.force = true }
                text.comment = clauses.comment
                text.confirmMinutes = clauses.confirmMinutes
                let request = type.init(text)
                return try run(request)
            case .checkOffline(let file):
                let text = try ConfigurationFile.read(file)
                try output.show(try OfflineCheck.check(text.text, fileName: text.fileName))
                return .done
            case .examineMachine(let root, let file):
                let report = try Doctor.examine(root: root, file: file)
                try output.show(report)
                return report.exitCode
            case .help:
                try output.show(HelpResult())
                return .done
            case .leave: return .done
            }
        } catch {
            return fail(error)
        }
    }

    /// Shows a failure.
    /// - Returns: its exit code.
    func fail(_ failure: CommandFailure) -> ExitCode {
        output.show(failure)
        return failure.exitCode
    }

    private func run<Request: ControlRequest>(_ request: Request) throws(CommandFailure) -> ExitCode {
        if let paged = request as? any PagedRequest { return try runPaged(paged) }
        let answer = try send(request)
        try output.show(answer)
        return answer.exitCode
    }

    private func runPaged<Request: PagedRequest>(_ request: Request) throws(CommandFailure) -> ExitCode {
        let first = try send(request)
        try PagedOutput(output: output).show(from: first) { cursor throws(CommandFailure) in
            var next = request
            next.page.cursor = cursor
            return try send(next)
        }
        return first.exitCode
    }

    private func send<Request: ControlRequest>(_ request: Request) throws(CommandFailure) -> Request.Answer {
        do throws(ControlClientError) {
            return try client.send(request)
        } catch {
            throw CommandFailure(error)
        }
    }
}
