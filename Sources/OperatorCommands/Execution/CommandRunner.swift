import ControlProtocol

/// Carries out commands and shows what comes of them.
struct CommandRunner: Sendable {
    let client: ControlClient
    var output: CommandOutput
    /// Where requests go; each has a connection of its own without.
    private var connection: ControlConnection?

    init(client: ControlClient, output: CommandOutput) {
        self.client = client
        self.output = output
    }

    /// The same, with one connection for all requests.
    func on(_ connection: ControlConnection) -> CommandRunner {
        var runner = self
        runner.connection = connection
        return runner
    }

    /// Carries out the command that words stand for.
    func run(words: [String]) -> ExitCode {
        do throws(UsageError) {
            return run(try CommandPipeline(words: words))
        } catch {
            return fail(CommandFailure(error, in: words.joined(separator: " ")))
        }
    }

    /// Carries out a command, whose output goes through filters.
    func run(_ pipeline: CommandPipeline) -> ExitCode {
        guard !pipeline.filters.isEmpty else { return run(pipeline.operation) }
        guard output.form != .json else {
            return fail(CommandFailure(exitCode: .usage, message: "a JSON document goes through no '|'"))
        }
        let lines = FilteredLines(pipeline.filters)
        let standardOutput = output.standardOutput
        var filtered = self
        filtered.output = CommandOutput(
            form: output.form,
            standardOutput: { piece in
                let text = lines.take(piece)
                if !text.isEmpty { standardOutput(text) }
            }, standardError: output.standardError)
        let exitCode = filtered.run(pipeline.operation)
        let rest = lines.finish()
        if !rest.isEmpty { standardOutput(rest) }
        return exitCode
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
            case .help(let ofConfigureMode):
                try output.show(
                    HelpResult(ofConfigureMode ? ConfigureGrammar.commands : CommandGrammar.commands))
                return .done
            case .remark(let remark):
                try output.show(RemarkResult(remark: remark))
                return .done
            case .configure:
                throw CommandFailure(
                    exitCode: .usage,
                    message: "'configure' is for lines below it: in the interactive tool, a file or standard input")
            case .leave, .leaveBlock: return .done
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
            if let connection { return try connection.send(request) }
            return try client.send(request)
        } catch {
            throw CommandFailure(error)
        }
    }
}
