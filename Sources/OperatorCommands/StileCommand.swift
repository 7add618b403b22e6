import ArgumentParser
import ControlProtocol
import Foundation

/// The `stile` command: options, then the words of one command.
public struct StileCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "stile", abstract: "Shows and steers a Stile box.",
        usage: "stile [options] [command ...]",
        discussion: """
            Without a command it is interactive on a terminal, and otherwise reads commands from standard input, \
            one on each line. 'stile help' lists the commands. Words may be shortened as far as they stay unique, or \
            stand in the singular.

            Exit codes: 0 done, 1 refused, 2 usage, 3 configuration invalid and nothing applied, 4 no daemon, \
            5 time-out, 6 permission, 7 no such object, 8 differences exist, 9 the packet would be dropped, \
            130 interrupted.
            """)

    @Flag(name: [.short, .long], help: "One JSON document for each command; errors too, on standard error.")
    var json = false

    @Option(help: "The daemon's socket; otherwise $STILE_SOCKET or /run/stile/stile.sock.")
    var socket: String?

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: "Read commands from a file, or the configuration that a command is about; - is standard input.")
    var file: String?

    @Option(defaultAsFlag: 10, help: "commit, rollback: undo it after so many minutes unless 'commit' confirms it.")
    var confirmed: UInt32?

    @Option(help: "commit, rollback: what it is for.")
    var comment: String?

    @Flag(help: "Also a configuration that says nothing or takes most customers away.")
    var force = false

    @Option(help: "doctor: the folder below which a machine's /proc, /sys, /etc and /var are.")
    var root: String?

    @Option(
        defaultAsFlag: 2, help: "Repeat the command every so many seconds (stand it behind the command, or --watch=N).")
    var watch: Double?

    @Option(help: "How long to wait for the daemon, in seconds.")
    var timeout: Double = 30

    @Argument(help: "A command; 'help' lists them.", completion: .custom(StileCommand.completions))
    var words: [String] = []

    public init() {}

    /// The words that could stand where the shell's cursor is; `words` begin with the program's name.
    @Sendable
    private static func completions(_ words: [String], _ index: Int, _ beginning: String) -> [String] {
        let before = words.prefix(max(index, 0)).dropFirst().filter { !$0.hasPrefix("-") }
        return CommandGrammar.candidates(after: Array(before), beginning: beginning).filter(\.isLiteral).map(\.word)
    }

    public func validate() throws {
        guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is a time of up to a day") }
        if let watch {
            guard watch >= 0.1, watch <= 86_400 else { throw ValidationError("--watch is 0.1 to 86400 seconds") }
            guard !words.isEmpty else { throw ValidationError("--watch is for a command on the command line") }
        }
        guard file == nil || words.isEmpty || file.flatMap({ CommandGrammar.words(words, withFile: $0) }) != nil else {
            throw ValidationError("this command takes no file, and a command and a file of commands exclude each other")
        }
        guard !words.isEmpty || !force && confirmed == nil && comment == nil else {
            throw ValidationError("--confirmed, --comment and --force are for a command on the command line")
        }
    }

    /// The command with what the options say of it.
    private var command: [String] {
        var command = file.flatMap { CommandGrammar.words(words, withFile: $0) } ?? words
        if let confirmed { command += ["confirmed", String(confirmed)] }
        if force { command.append("force") }
        if let root { command += ["root", root] }
        if let comment { command += ["comment", comment] }
        return command
    }

    /// Carries out the arguments of the process, the program's name taken off.
    /// - Returns: how the process shall end.
    public static func start(arguments: [String]) -> ControlProtocol.ExitCode {
        do {
            return try parse(arguments).execute()
        } catch {
            let text = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                write(text + "\n", to: STDOUT_FILENO)
                return .done
            }
            let isJSON = arguments.contains { $0 == "-j" || $0 == "--json" }
            output(isJSON: isJSON).show(CommandFailure(exitCode: .usage, message: message(for: error)))
            return .usage
        }
    }

    private func execute() -> ControlProtocol.ExitCode {
        Interrupt.install()
        let environment = ProcessInfo.processInfo.environment["STILE_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let client = ControlClient(
            socketPath: socket ?? environment ?? "/run/stile/stile.sock", timeoutSeconds: timeout,
            isInterrupted: { Interrupt.isRaised })
        let runner = CommandRunner(client: client, output: Self.output(isJSON: json))
        if let watch {
            let clearsScreen = !json && isatty(STDOUT_FILENO) == 1
            return CommandWatch(runner: runner, intervalSeconds: watch, clearsScreen: clearsScreen).run(words: command)
        }
        if !words.isEmpty { return runner.run(words: command) }
        if let file { return runFile(file, runner) }
        if isatty(STDIN_FILENO) == 1 {
            var session = InteractiveSession(
                runner: runner, history: .ofUser(ProcessInfo.processInfo.environment))
            return session.run()
        }
        return CommandScript(runner: runner).run(AnySequence { AnyIterator { Swift.readLine() } })
    }

    private func runFile(_ name: String, _ runner: CommandRunner) -> ControlProtocol.ExitCode {
        do throws(CommandFailure) {
            let lines = try ConfigurationFile.read(name).text.split(whereSeparator: \.isNewline).map(String.init)
            return CommandScript(runner: runner).run(lines)
        } catch {
            return runner.fail(error)
        }
    }

    private static func output(isJSON: Bool) -> CommandOutput {
        let style = TextStyle(
            usesColour: isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil)
        return CommandOutput(
            form: isJSON ? .json : .text(style), standardOutput: { write($0, to: STDOUT_FILENO) },
            standardError: { write($0, to: STDERR_FILENO) })
    }

    /// Writes all of a text; what the reader no longer wants is given up.
    private static func write(_ text: String, to descriptor: Int32) {
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                remaining.removeFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
