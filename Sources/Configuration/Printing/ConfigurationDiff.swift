/// What is different between two configurations, in terms of their canonical texts.
public struct ConfigurationDiff: Equatable, Sendable {
    /// In the order of the canonical text, what was removed before what comes in its place.
    public let changes: [Change]

    /// A top-level statement that is in one configuration only, or whose block is not the same in both.
    public struct Change: Equatable, Sendable {
        public let kind: Kind
        /// The top-level statement, for instance `interface ten1/0`.
        public let statement: String
        /// The lines of the block that differ, with the lines they are nested in.
        public let lines: [Line]
    }

    /// What happened to a top-level statement.
    public enum Kind: String, Sendable, CaseIterable {
        case added
        case removed
        case changed
    }

    /// A line of a block, indented as in the canonical text, without passwords.
    public struct Line: Equatable, Sendable {
        public let mark: Mark
        public let text: String

        init(mark: Mark, text: String) {
            self.mark = mark
            let changed = " password \(HiddenPassword.changed)"
            self.text =
                text.hasSuffix(changed)
                ? "\(text.dropLast(HiddenPassword.changed.count))\(HiddenPassword.word) ! password changed" : text
        }
    }

    /// In which of the two configurations a line is.
    public enum Mark: String, Sendable, CaseIterable {
        case both = " "
        case removed = "-"
        case added = "+"
    }

    public init(from old: Configuration, to new: Configuration) {
        let (oldShown, newShown) = (old.withHiddenPasswords, new.withHiddenPasswords(since: old))
        let oldSections = oldShown.sections(unlike: newShown)
        let newSections = newShown.sections(unlike: oldShown)
        let oldByHeader = Dictionary(oldSections.map { ($0.header, $0) }) { first, _ in first }
        let newByHeader = Dictionary(newSections.map { ($0.header, $0) }) { first, _ in first }
        var changes: [Change] = []
        for section in oldSections where newByHeader[section.header] == nil {
            changes.append(Change(kind: .removed, section, mark: .removed))
        }
        for section in newSections {
            guard let earlier = oldByHeader[section.header] else {
                changes.append(Change(kind: .added, section, mark: .added))
                continue
            }
            guard earlier != section else { continue }
            let lines = essential(mergedLines(earlier.lines, section.lines))
            changes.append(Change(kind: .changed, statement: section.header, lines: lines))
        }
        self.changes = changes
    }

    public var isEmpty: Bool { changes.isEmpty }
}

extension ConfigurationDiff.Change {
    fileprivate init(kind: ConfigurationDiff.Kind, _ section: ConfigurationSection, mark: ConfigurationDiff.Mark) {
        self.init(
            kind: kind, statement: section.header,
            lines: section.lines.map { ConfigurationDiff.Line(mark: mark, text: $0) })
    }
}

extension ConfigurationDiff {
    /// All lines in order, each block's own line in front of what differs in it. Taken as edits of the old text they lead
    /// to the new one: a removed line goes, and an added line comes behind the line that is shown before it and what is
    /// nested there.
    public var lines: [Line] {
        changes.flatMap { change in
            let mark: Mark =
                switch change.kind {
                case .added: .added
                case .removed: .removed
                case .changed: .both
                }
            return [Line(mark: mark, text: change.statement)] + change.lines
        }
    }
}

extension ConfigurationDiff: CustomStringConvertible {
    /// One line per difference, marked `+` or `-` in the first column; what they are nested in is marked with a space.
    public var description: String {
        lines.map { $0.mark.rawValue + $0.text + "\n" }.joined()
    }
}

/// Both blocks as one sequence. It takes one pass: a line of a canonical block stands in it once, so that a line that
/// both have, but at which the two do not meet, has been moved, and counts as removed there and added here.
private func mergedLines(_ old: [String], _ new: [String]) -> [ConfigurationDiff.Line] {
    let oldPaths = paths(of: old)
    let newPaths = paths(of: new)
    let oldSet = Set(oldPaths)
    let newSet = Set(newPaths)
    var moved: Set<String> = []
    var merged: [ConfigurationDiff.Line] = []
    var i = 0
    var j = 0
    while i < old.count || j < new.count {
        if j < new.count, i >= old.count || !oldSet.contains(newPaths[j]) || moved.contains(newPaths[j]),
            i >= old.count || newSet.contains(oldPaths[i])
        {
            merged.append(ConfigurationDiff.Line(mark: .added, text: new[j]))
            j += 1
        } else if i < old.count, j < new.count, oldPaths[i] == newPaths[j] {
            merged.append(ConfigurationDiff.Line(mark: .both, text: old[i]))
            i += 1
            j += 1
        } else if i < old.count {
            moved.insert(oldPaths[i])
            merged.append(ConfigurationDiff.Line(mark: .removed, text: old[i]))
            i += 1
        }
    }
    return merged
}

/// Each line with the lines it is nested in, since the same line may stand in several inner blocks.
private func paths(of lines: [String]) -> [String] {
    var parents: [String] = []
    return lines.map { line in
        let depth = line.prefix { $0 == " " }.count
        while parents.count >= max(1, depth) { parents.removeLast() }
        parents.append(line)
        return parents.joined(separator: "\n")
    }
}

/// The lines that differ, those that both have where one that differs is nested in them, and the one of the same kind
/// behind which a line comes: in what order classes, criteria or addresses stand has a meaning.
private func essential(_ lines: [ConfigurationDiff.Line]) -> [ConfigurationDiff.Line] {
    var result: [ConfigurationDiff.Line] = []
    var shownDepth = 0
    var placed: Substring?
    for line in lines.reversed() {
        let depth = line.text.prefix { $0 == " " }.count
        if line.mark != .both {
            result.append(line)
            shownDepth = depth
            placed = line.mark == .added ? firstWord(of: line) : nil
        } else if depth < shownDepth || depth == shownDepth && firstWord(of: line) == placed {
            result.append(line)
            shownDepth = depth
            placed = nil
        }
    }
    return result.reversed()
}

private func firstWord(of line: ConfigurationDiff.Line) -> Substring? {
    line.text.split(separator: " ", maxSplits: 1).first
}
