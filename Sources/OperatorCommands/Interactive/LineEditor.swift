/// One line that is being typed, with the lines typed before it. Knows no terminal.
package struct LineEditor: Sendable {
    /// What the owner has to do after a key.
    package enum Effect: Hashable, Sendable {
        case none
        case redraw
        case clearScreen
        case submit(String)
        /// Show what could come next.
        case listCandidates
        /// The line was given up.
        case cancel
        case endOfInput
    }

    /// The most lines that are remembered.
    private static let longestHistory = 1000

    package private(set) var characters: [Character] = []
    /// How many characters stand before the cursor.
    package private(set) var cursor = 0
    package private(set) var history: [String] = []
    /// Which line of the history is shown; the number of lines when it is the new one.
    private var position = 0
    /// The new line while one of the history is shown.
    private var draft: [Character] = []

    /// - Parameter history: lines typed earlier, the newest last.
    package init(history: [String] = []) {
        self.history = history
        position = history.count
    }

    /// What can stand behind complete words and begins like the next.
    package typealias Candidates = (_ words: [String], _ beginning: String) -> [Candidate]

    package var text: String { String(characters) }

    /// What stands before the cursor: complete words, and the beginning of the next, which may be empty.
    var wordsBeforeCursor: (complete: [String], beginning: String) {
        let before = characters[..<cursor]
        var words = before.split(separator: " ").map { String($0) }
        guard let last = before.last, last != " " else { return (words, "") }
        let beginning = words.popLast() ?? ""
        return (words, beginning)
    }

    package mutating func handle(
        _ key: Key, _ candidates: Candidates = CommandGrammar.candidates(after:beginning:)
    ) -> Effect {
        switch key {
        case .character("?"): return .listCandidates
        case .character(let character):
            characters.insert(character, at: cursor)
            cursor += 1
        case .enter: return submit()
        case .tab: return complete(candidates)
        case .backspace:
            guard cursor > 0 else { return .none }
            cursor -= 1
            characters.remove(at: cursor)
        case .delete:
            guard cursor < characters.count else { return .none }
            characters.remove(at: cursor)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .up: showHistory(at: position - 1)
        case .down: showHistory(at: position + 1)
        case .killToEnd: characters.removeSubrange(cursor...)
        case .killToStart:
            characters.removeSubrange(..<cursor)
            cursor = 0
        case .killWord: killWord()
        case .clearScreen: return .clearScreen
        case .interrupt:
            reset()
            return .cancel
        case .endOfInput: return characters.isEmpty ? .endOfInput : handle(.delete, candidates)
        }
        return .redraw
    }

    private mutating func submit() -> Effect {
        let line = text
        if !line.allSatisfy(\.isWhitespace), history.last != line {
            history.append(line)
            if history.count > Self.longestHistory { history.removeFirst() }
        }
        reset()
        return .submit(line)
    }

    private mutating func reset() {
        characters = []
        draft = []
        cursor = 0
        position = history.count
    }

    private mutating func showHistory(at wanted: Int) {
        guard (0...history.count).contains(wanted), wanted != position else { return }
        if position == history.count { draft = characters }
        position = wanted
        characters = wanted == history.count ? draft : Array(history[wanted])
        cursor = characters.count
    }

    private mutating func killWord() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    /// Puts in as much as all candidates share, and a space where only one is left.
    private mutating func complete(_ candidates: Candidates) -> Effect {
        let (words, beginning) = wordsBeforeCursor
        let literals = candidates(words, beginning).filter(\.isLiteral).map(\.word)
        guard let first = literals.first else { return .listCandidates }
        let shared = literals.dropFirst().reduce(first) { $0.sharedBeginning(with: $1) }
        let addition =
            Array(shared.dropFirst(beginning.count)) + (literals.count == 1 && first.last != "/" ? [" "] : [])
        guard !addition.isEmpty else { return .listCandidates }
        characters.insert(contentsOf: addition, at: cursor)
        cursor += addition.count
        return .redraw
    }
}

extension String {
    fileprivate func sharedBeginning(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map { $0.0 })
    }
}
