import Synchronization

/// Shows what a command says a screen at a time: space for the next, return for a line more, q for no more of it.
final class PagedScreen: Sendable {
    private struct State {
        /// How many lines fit before somebody is asked; `nil` where nobody is.
        var room: Int?
        var isDone = false
    }

    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void

    init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// A new command begins, on an empty screen as it were.
    func begin(pages: Bool) {
        let rows = RawTerminal.rows
        state.withLock { $0 = State(room: pages && rows > 3 ? rows - 1 : nil) }
    }

    func show(_ text: String) {
        let columns = RawTerminal.columns
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard mayShow(rows: max(1, (line.count + columns - 1) / columns)) else { return }
            write(line + "\n")
        }
        if let rest = text.split(separator: "\n", omittingEmptySubsequences: false).last, !rest.isEmpty,
            mayShow(rows: 0)
        {
            write(String(rest))
        }
    }

    private func mayShow(rows: Int) -> Bool {
        let isFull = state.withLock { state in
            guard !state.isDone, let room = state.room else { return false }
            state.room = room - rows
            return room < rows
        }
        if isFull { ask(rows) }
        return state.withLock { !$0.isDone }
    }

    private func ask(_ rows: Int) {
        guard let terminal = RawTerminal.open() else { return }
        write("--More--")
        defer { write("\r\u{1B}[K") }
        while let octet = terminal.read() {
            switch octet {
            case UInt8(ascii: " "): state.withLock { $0.room = RawTerminal.rows - 1 - rows }
            case 0x0A, 0x0D: state.withLock { $0.room = 0 }
            // q, Control-C and Control-D.
            case UInt8(ascii: "q"), 0x03, 0x04: state.withLock { $0.isDone = true }
            default: continue
            }
            return
        }
    }
}
