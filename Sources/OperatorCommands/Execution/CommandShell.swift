import ControlProtocol

/// Lines of commands, one after the other, from a terminal or a file: `configure` opens a candidate, and until `end` the
/// lines are about that one.
struct CommandShell {
    /// What came of a line.
    enum Step: Equatable {
        case done(ExitCode)
        /// There are no more lines to run.
        case leave
        /// Configure mode is to be left, and what the candidate changes would be lost.
        case wouldLoseChanges
    }

    let runner: CommandRunner
    private(set) var candidate: OpenedCandidate?

    init(runner: CommandRunner) { self.runner = runner }

    mutating func run(_ line: String) -> Step {
        guard candidate == nil else { return runInCandidate(line) }
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        do throws(UsageError) {
            let pipeline = try CommandPipeline(words: words)
            switch pipeline.operation {
            case .leave: return .leave
            case .configure: return .done(open())
            default: return .done(runner.run(pipeline))
            }
        } catch {
            return .done(runner.fail(CommandFailure(error, in: line)))
        }
    }

    private mutating func open() -> ExitCode {
        do throws(CommandFailure) {
            candidate = try OpenedCandidate(runner.client)
            return .done
        } catch {
            return runner.fail(error)
        }
    }

    private mutating func runInCandidate(_ line: String) -> Step {
        guard var candidate else { return .leave }
        do throws(UsageError) {
            let pipeline = try ConfigureGrammar.parse(line)
            switch pipeline.operation {
            case .leaveBlock where !candidate.state.block.isEmpty:
                return .done(enter("exit", &candidate))
            case .leave, .leaveBlock:
                guard !candidate.state.isChanged else { return .wouldLoseChanges }
                self.candidate = nil
                return .done(.done)
            case .request(let request as EnterLine): return .done(enter(request.line, &candidate))
            default:
                let exitCode = runner.on(candidate.connection).run(pipeline)
                refresh()
                return .done(exitCode)
            }
        } catch {
            return .done(runner.fail(CommandFailure(error, in: line)))
        }
    }

    private mutating func enter(_ line: String, _ candidate: inout OpenedCandidate) -> ExitCode {
        do throws(CommandFailure) {
            try candidate.enter(line)
            self.candidate = candidate
            // A value that takes the place of another needs no word; several lines that go do.
            let needsWord = candidate.state.removed.count > 1
            if needsWord || runner.output.form == .json { try runner.output.show(candidate.state) }
            return .done
        } catch {
            if error.controlCode == nil { self.candidate = nil }
            return runner.fail(error)
        }
    }

    /// Asks where the candidate stands after a command; without a connection there is none any more.
    private mutating func refresh() {
        do throws(CommandFailure) {
            try candidate?.refresh()
        } catch {
            candidate = nil
            _ = runner.fail(error)
        }
    }

    /// Gives the candidate up.
    mutating func leaveCandidate() { candidate = nil }

    /// What stands in front of a line that is typed: in configure mode the box, the commit that the candidate was begun from,
    /// a star if it changes something, and the innermost block.
    var prompt: String {
        guard let state = candidate?.state else { return "stile> " }
        let base = state.baseCommit.map { " \($0)" } ?? ""
        let block = state.block.last.map { " \($0)" } ?? ""
        return "\(state.hostname)(config\(base)\(state.isChanged ? "*" : "")\(block))# ".withoutControlCharacters
    }

    /// What could stand behind complete words and begins like the next.
    func candidates(after words: [String], beginning: String) -> [Candidate] {
        let found =
            candidate?.candidates(after: words, beginning: beginning)
            ?? CommandGrammar.candidates(after: words, beginning: beginning)
        let names = KnownNames(client: runner.client)
        return found.flatMap { candidate in
            guard let kind = candidate.names else { return [candidate] }
            return [candidate]
                + names.names(of: kind, beginning: beginning).map { Candidate(word: $0, help: "", isLiteral: true) }
        }
    }
}

/// A candidate that is open, with the connection that it lives on.
struct OpenedCandidate {
    let connection: ControlConnection
    private(set) var state: CandidateState

    init(_ client: ControlClient) throws(CommandFailure) {
        do throws(ControlClientError) {
            connection = try client.connect()
            state = try connection.send(OpenCandidate())
        } catch {
            throw CommandFailure(error)
        }
    }

    mutating func enter(_ line: String) throws(CommandFailure) {
        do throws(ControlClientError) {
            state = try connection.send(EnterLine(line: line))
        } catch {
            throw CommandFailure(error)
        }
    }

    mutating func refresh() throws(CommandFailure) {
        do throws(ControlClientError) {
            state = try connection.send(OpenCandidate())
        } catch {
            throw CommandFailure(error)
        }
    }

    func candidates(after words: [String], beginning: String) -> [Candidate] {
        if let first = words.first, let command = ConfigureGrammar.command(first) {
            let rest = Array(words.dropFirst())
            switch command {
            case "do": return CommandGrammar.candidates(after: rest, beginning: beginning)
            case "show" where !rest.isEmpty, "write", "copy":
                return CommandGrammar.candidates(after: [command] + rest, beginning: beginning)
            case "show":
                return [Candidate(word: "|", help: "compare, or a filter", isLiteral: true)].filter {
                    $0.word.hasPrefix(beginning)
                } + CommandGrammar.candidates(after: ["show"], beginning: beginning)
            default:
                return CommandGrammar.candidates(
                    after: [command] + rest, beginning: beginning, among: ConfigureGrammar.commands)
            }
        }
        let hints = (try? connection.send(HintLine(words: words.map { "\($0) " }.joined())))?.hints ?? []
        let statements = hints.map { Candidate(word: $0.word, help: $0.help, isLiteral: $0.isLiteral) }
        let commands =
            words.isEmpty
            ? CommandGrammar.candidates(after: [], beginning: beginning, among: ConfigureGrammar.commands) : []
        return statements.filter { !$0.isLiteral || $0.word.hasPrefix(beginning) } + commands
    }
}
