import ControlProtocol

/// `stile` without a command on a terminal.
struct InteractiveSession {
    private static let prompt = "stile> "

    let runner: CommandRunner
    private var editor = LineEditor()

    init(runner: CommandRunner) { self.runner = runner }

    /// Runs until the user leaves.
    /// - Returns: ``ExitCode/done``: what single commands came to has been shown.
    mutating func run() -> ExitCode {
        write("? lists what can come next, TAB completes a word, exit leaves.\n")
        while let line = readLine() {
            Interrupt.clear()
            let words = line.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            do throws(UsageError) {
                let operation = try CommandGrammar.parse(words)
                if operation == .leave { return .done }
                _ = runner.run(operation)
            } catch {
                _ = runner.fail(CommandFailure(error))
            }
        }
        write("\n")
        return .done
    }

    /// The terminal is in raw mode only while a line is typed, so that Control-C reaches a running command.
    private mutating func readLine() -> String? {
        guard let terminal = RawTerminal.open() else { return nil }
        var decoder = KeyDecoder()
        draw()
        while let octet = terminal.read() {
            guard let key = decoder.decode(octet) else { continue }
            switch editor.handle(key) {
            case .none: break
            case .redraw: draw()
            case .clearScreen:
                write("\u{1B}[H\u{1B}[2J")
                draw()
            case .submit(let line):
                write("\r\n")
                return line
            case .listCandidates:
                write("\r\n" + candidates())
                draw()
            case .cancel:
                write("^C\r\n")
                draw()
            case .endOfInput: return nil
            }
        }
        return nil
    }

    /// The prompt and as much of the line around the cursor as the screen is wide.
    private func draw() {
        let room = max(8, RawTerminal.columns - Self.prompt.count - 1)
        let start = max(0, editor.cursor - room)
        let visible = editor.characters[start...].prefix(room)
        let column = Self.prompt.count + editor.cursor - start
        write("\r\(Self.prompt)\(String(visible))\u{1B}[K\r\u{1B}[\(column)C")
    }

    private func candidates() -> String {
        let (words, beginning) = editor.wordsBeforeCursor
        let found = CommandGrammar.candidates(after: words, beginning: beginning)
        guard !found.isEmpty else { return "  the command ends here\r\n" }
        let width = found.map(\.word.count).max() ?? 0
        return found.map { candidate in
            let padding = String(repeating: " ", count: width - candidate.word.count)
            return "  \(candidate.word)\(padding)  \(candidate.help)\r\n"
        }.joined()
    }

    private func write(_ text: String) { runner.output.standardOutput(text) }
}
