/// Reads a text as a tree: comments belong to the line below, blocks of the same object are one, what is said twice stands
/// there once.
struct TreeReader {
    private(set) var tree = ConfigurationTree()
    /// The block that the next line may stand in, and the blocks around it.
    private var path: ConfigurationTree.Path = []
    private var known: [Place: Int] = [:]

    private struct Place: Hashable {
        let block: ConfigurationTree.Path
        let text: String
        let mode: Mode?
    }

    /// - Throws: what is wrong with the text line by line; what lines contradict each other across blocks is found by
    ///   who takes it as a whole.
    init(text: String, fileName: String) throws(InvalidConfiguration) {
        let source = SourceText(text, file: fileName)
        let reader = StatementReader(reading: source, outlines: true)
        guard reader.findings.isEmpty else {
            let findings = reader.findings.sorted {
                ($0.range.line, $0.range.octets.lowerBound) < ($1.range.line, $1.range.octets.lowerBound)
            }
            throw InvalidConfiguration(diagnostics: findings.map(source.diagnostic(for:)))
        }
        var next = 1
        var comments: [String] = []
        for line in reader.outline ?? [] {
            comments += Self.comments(of: source, next..<line.number)
            next = line.number + 1
            take(line, comments)
            comments = []
        }
        tree.closingComments = comments + Self.comments(of: source, next..<max(next, source.lineCount + 1))
        Resequencing.carryOut(in: &tree)
    }

    private mutating func take(_ line: OutlinedLine, _ comments: [String]) {
        path = Array(path.prefix(line.depth))
        let new = TreeLine(comments: comments, text: line.text, remark: line.remark, opens: line.opened)
        let isFamilyOfVRF = if case .vrfAddressFamily = line.opened { true } else { false }
        let place = Place(
            block: path, text: line.opened == nil || isFamilyOfVRF ? line.text : "", mode: line.opened)
        if let position = known[place] {
            tree.change(path) { $0[position].comments += comments }
            if line.opened != nil { path.append(position) }
            return
        }
        let position = tree.change(path) { lines in
            lines.append(new)
            return lines.count - 1
        }
        known[place] = position
        if line.opened != nil { path.append(position) }
    }

    private static func comments(of source: SourceText, _ numbers: Range<Int>) -> [String] {
        numbers.compactMap { number in
            let line = source.line(number).drop { $0 == 0x20 || $0 == 0x09 }
            guard line.first == UInt8(ascii: "!") else { return nil }
            return String(decoding: line, as: UTF8.self).asComment
        }
    }
}

extension String {
    /// The text of a comment that says something, without space behind it; a lone exclamation mark only separates.
    var asComment: String? {
        guard contains(where: { $0 != "!" && !$0.isWhitespace }) else { return nil }
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension Resequencing {
    /// Gives the entries of access lists new numbers, as the lines say that want it: they are carried out once.
    static func carryOut(in tree: inout ConfigurationTree) {
        var orders: [(family: Substring, name: Substring, start: UInt32, step: UInt32)] = []
        tree.lines.removeAll { line in
            let words = line.text.split(separator: " ")
            guard words.count == 6, words[1] == "access-list", words[2] == "resequence",
                let start = UInt32(words[4]), let step = UInt32(words[5])
            else { return false }
            orders.append((words[0], words[3], start, step))
            return true
        }
        for order in orders {
            for position in tree.lines.indices {
                guard case .accessList(let family, _, let name) = tree.lines[position].opens,
                    family.prefixWord == order.family, name == order.name
                else { continue }
                renumber(&tree.lines[position].lines, order.start, order.step)
            }
        }
    }

    private static func renumber(_ entries: inout [TreeLine], _ start: UInt32, _ step: UInt32) {
        let order = entries.indices.sorted { (entries[$0].sequence ?? 0, $0) < (entries[$1].sequence ?? 0, $1) }
        entries = order.map { entries[$0] }
        var next = start
        for position in entries.indices {
            let rest = entries[position].text.drop { $0 != " " }
            entries[position].text = "\(next)\(rest)"
            next = next &+ step
        }
    }
}

extension TreeLine {
    /// The number that an entry of an access list begins with.
    var sequence: UInt32? { text.split(separator: " ", maxSplits: 1).first.flatMap { UInt32($0) } }
}
