extension ConfigurationEditor {
    /// How this text differs from another, line by line, each line with the lines that it is nested in and without
    /// passwords. It needs no text that is right as a whole.
    public func differences(from base: ConfigurationEditor) -> [ConfigurationDiff.Line] {
        TreeDifference(from: base.tree, to: tree).lines
    }
}

/// What is different between two trees.
struct TreeDifference {
    private(set) var lines: [ConfigurationDiff.Line] = []

    init(from old: ConfigurationTree, to new: ConfigurationTree) {
        compare(old.lines, new.lines, depth: 0)
        compare(comments: old.closingComments, new.closingComments, indentation: "")
        sayWhatPasswordsChanged()
    }

    /// A password that is another one looks the same before and after.
    private mutating func sayWhatPasswordsChanged() {
        let hidden = " \(HiddenPassword.word)"
        let removed = Set(lines.filter { $0.mark == .removed && $0.text.hasSuffix(hidden) }.map(\.text))
        lines = lines.map { line in
            guard line.mark == .added, removed.contains(line.text) else { return line }
            return ConfigurationDiff.Line(
                mark: .added, text: "\(line.text.dropLast(HiddenPassword.word.count))\(HiddenPassword.changed)")
        }
    }

    /// Both blocks in one pass. A line that both have, but at which the two do not meet, has been moved, and counts as
    /// removed there and added here.
    private mutating func compare(_ old: [TreeLine], _ new: [TreeLine], depth: Int) {
        let (oldKeys, newKeys) = (Set(old.map(Key.init)), Set(new.map(Key.init)))
        var moved: Set<Key> = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if j < new.count, !oldKeys.contains(Key(new[j])) || moved.contains(Key(new[j])),
                i >= old.count || newKeys.contains(Key(old[i]))
            {
                show(new[j], .added, depth)
                j += 1
            } else if i < old.count, j < new.count, Key(old[i]) == Key(new[j]) {
                compare(old[i], new[j], depth)
                i += 1
                j += 1
            } else if i < old.count {
                moved.insert(Key(old[i]))
                show(old[i], .removed, depth)
                i += 1
            } else {
                show(new[j], .added, depth)
                j += 1
            }
        }
    }

    /// By what a line is known again: a block by what it is about.
    private struct Key: Hashable {
        let text: String
        let mode: Mode?

        init(_ line: TreeLine) {
            mode = line.opens
            if let opens = line.opens, !Self.isFamilyOfVRF(opens) { text = "" } else { text = line.text }
        }

        private static func isFamilyOfVRF(_ mode: Mode) -> Bool {
            if case .vrfAddressFamily = mode { true } else { false }
        }
    }

    private mutating func compare(_ old: TreeLine, _ new: TreeLine, _ depth: Int) {
        guard old != new else { return }
        let indentation = String(repeating: " ", count: depth)
        compare(comments: old.comments, new.comments, indentation: indentation)
        let (oldText, newText) = (old.shown, new.shown)
        if oldText == newText {
            append(.both, indentation + newText)
        } else {
            append(.removed, indentation + oldText)
            append(.added, indentation + newText)
        }
        compare(old.lines, new.lines, depth: depth + 1)
    }

    private mutating func compare(comments old: [String], _ new: [String], indentation: String) {
        guard old != new else { return }
        for comment in old { append(.removed, indentation + comment) }
        for comment in new { append(.added, indentation + comment) }
    }

    private mutating func show(_ line: TreeLine, _ mark: ConfigurationDiff.Mark, _ depth: Int) {
        let indentation = String(repeating: " ", count: depth)
        for comment in line.comments { append(mark, indentation + comment) }
        append(mark, indentation + line.shown)
        for inner in line.lines { show(inner, mark, depth + 1) }
    }

    private mutating func append(_ mark: ConfigurationDiff.Mark, _ text: String) {
        lines.append(ConfigurationDiff.Line(mark: mark, text: HiddenPassword.masking(text)))
    }
}

extension TreeLine {
    fileprivate var shown: String { text + (remark.map { " \($0)" } ?? "") }
}
