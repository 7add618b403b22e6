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
            case .configuration(let order, let file, let isForced):
                var text = try ConfigurationFile.read(file)
                if isForced { text.force = true }
                return switch order {
                case .check: try run(.configurationCheck(text))
                case .diff: try run(.configurationDiff(text))
                case .replace: try run(.configurationReplace(text))
                }
            case .checkOffline(let file):
                let text = try ConfigurationFile.read(file)
                try output.show(try OfflineCheck.check(text.text, fileName: text.fileName))
                return .done
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

    private func run(_ request: ControlRequest) throws(CommandFailure) -> ExitCode {
        let response = try send(request)
        switch (request, response) {
        case (.showBGPRoutes(let query), .bgpRoutes(let first)):
            try PagedOutput(output: output).show(from: first) { cursor throws(CommandFailure) in
                var next = query
                next.page.cursor = cursor
                guard case .bgpRoutes(let page) = try send(.showBGPRoutes(next)) else { throw mismatch }
                return page
            }
        case (.showRoutes(let query), .routes(let first)):
            try PagedOutput(output: output).show(from: first) { cursor throws(CommandFailure) in
                var next = query
                next.page.cursor = cursor
                guard case .routes(let page) = try send(.showRoutes(next)) else { throw mismatch }
                return page
            }
        case (.showAccessLists(let query), .accessLists(let first)):
            try PagedOutput(output: output).show(from: first) { cursor throws(CommandFailure) in
                var next = query
                next.page.cursor = cursor
                guard case .accessLists(let page) = try send(.showAccessLists(next)) else { throw mismatch }
                return page
            }
        default: try output.show(response.result)
        }
        return exitCode(of: response)
    }

    private func send(_ request: ControlRequest) throws(CommandFailure) -> ControlResponse {
        do throws(ControlClientError) {
            return try client.send(request)
        } catch {
            throw CommandFailure(error)
        }
    }

    private var mismatch: CommandFailure {
        CommandFailure(exitCode: .refused, message: "the daemon answered something else than it was asked")
    }

    private func exitCode(of response: ControlResponse) -> ExitCode {
        switch response {
        case .explanation(let explanation) where explanation.verdict == .dropped: .packetDropped
        case .configurationDiff(let difference) where !difference.lines.isEmpty: .differencesExist
        case .bgpClear(let clear) where !clear.notRefreshed.isEmpty: .refused
        case .isolation(let isolation) where !isolation.isIsolated: .refused
        default: .done
        }
    }
}
