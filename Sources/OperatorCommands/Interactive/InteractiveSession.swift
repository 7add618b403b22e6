import ControlProtocol

/// `stile` without a command on a terminal.
struct InteractiveSession {
    private var shell: CommandShell
    private var editor: LineEditor
    private let history: CommandHistory
    private let screen: PagedScreen
    private let write: @Sendable (String) -> Void

    init(runner: CommandRunner, history: CommandHistory) {
        let screen = PagedScreen(runner.output.standardOutput)
        write = runner.output.standardOutput
        var paged = runner
        paged.output = CommandOutput(
            form: runner.output.form, standardOutput: { screen.show($0) }, standardError: runner.output.standardError)
        self.screen = screen
        shell = CommandShell(runner: paged)
        self.history = history
        editor = LineEditor(history: history.lines())
    }

    /// Runs until the user leaves.
    /// - Returns: ``ExitCode/done``: what single commands came to has been shown.
    mutating func run() -> ExitCode {
        write("? lists what can come next, TAB completes a word, exit leaves.\n")
        while true {
            guard let line = readLine(shell.prompt, with: &editor) else {
                write("\n")
                guard mayLoseChanges() else { continue }
                return .done
            }
            Interrupt.clear()
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            history.append(line)
            screen.begin(pages: !line.contains("no-more"))
            switch shell.run(line) {
            case .done: continue
            case .leave: return .done
            case .wouldLoseChanges: if mayLoseChanges() { shell.leaveCandidate() }
            }
        }
    }

    /// Asks, where the candidate changes something.
    private mutating func mayLoseChanges() -> Bool {
        guard shell.candidate?.state.isChanged == true else { return true }
        var answer = LineEditor()
        let typed = readLine("the changes are not committed, and would be lost: leave? [y/N] ", with: &answer) ?? ""
        return typed.lowercased() == "y" || typed.lowercased() == "yes"
    }

    /// The terminal is in raw mode only while a line is typed, so that Control-C reaches a running command.
    private func readLine(_ prompt: String, with editor: inout LineEditor) -> String? {
        guard let terminal = RawTerminal.open() else { return nil }
        var decoder = KeyDecoder()
        draw(prompt, editor)
        while let octet = terminal.read() {
            guard let key = decoder.decode(octet) else { continue }
            switch editor.handle(key, shell.candidates) {
            case .none: break
            case .redraw: draw(prompt, editor)
            case .clearScreen:
                write("\u{1B}[H\u{1B}[2J")
                draw(prompt, editor)
            case .submit(let line):
                write("\r\n")
                return line
            case .listCandidates:
                write("\r\n" + candidates(for: editor))
                draw(prompt, editor)
            case .cancel:
                write("^C\r\n")
                draw(prompt, editor)
            case .endOfInput: return nil
            }
        }
        return nil
    }

    /// The prompt and as much of the line around the cursor as the screen is wide.
    private func draw(_ prompt: String, _ editor: LineEditor) {
        let room = max(8, RawTerminal.columns - prompt.count - 1)
        let start = max(0, editor.cursor - room)
        let visible = editor.characters[start...].prefix(room)
        let column = prompt.count + editor.cursor - start
        write("\r\(prompt)\(String(visible))\u{1B}[K\r\u{1B}[\(column)C")
    }

    private func candidates(for editor: LineEditor) -> String {
        let (words, beginning) = editor.wordsBeforeCursor
        let found = shell.candidates(after: words, beginning: beginning)
        guard !found.isEmpty else { return "  the command ends here\r\n" }
        let width = found.map(\.word.count).max() ?? 0
        return found.map { candidate in
            let padding = String(repeating: " ", count: width - candidate.word.count)
            return "  \(candidate.word)\(padding)  \(candidate.help)".withoutControlCharacters + "\r\n"
        }.joined()
    }
}
