/// Writes a tree as a text that reads as the same tree: indented by one space for each level and separated like the
/// canonical text.
struct TreePrinter {
    private(set) var lines: [String] = []
    /// The number in the text of the line at each path that was asked for.
    private(set) var numbers: [Int] = []
    private let numbered: ConfigurationTree.Path?

    /// - Parameter block: whose lines' numbers are wanted; `nil` for none.
    init(_ tree: ConfigurationTree, numbering block: ConfigurationTree.Path? = nil) {
        numbered = block
        // A text without indentation has blocks by their keywords alone: there an empty one has to be ended.
        let isFlat = tree.lines.allSatisfy(\.lines.isEmpty)
        var isBehindBlock = false
        for (position, line) in tree.lines.enumerated() {
            let isBlock = !line.lines.isEmpty
            if position > 0, isBlock || isBehindBlock || !line.comments.isEmpty { lines.append("!") }
            print(line, [position], depth: 0)
            if isFlat, line.opens != nil, position + 1 < tree.lines.count { lines.append("exit") }
            isBehindBlock = isBlock
        }
        lines += tree.closingComments
    }

    private mutating func print(_ line: TreeLine, _ path: ConfigurationTree.Path, depth: Int) {
        let indentation = String(repeating: " ", count: depth)
        for comment in line.comments { lines.append(indentation + comment) }
        lines.append(indentation + line.text + (line.remark.map { " \($0)" } ?? ""))
        if let numbered, numbered.count == depth, path.dropLast() == numbered[...] { numbers.append(lines.count) }
        for (position, inner) in line.lines.enumerated() { print(inner, path + [position], depth: depth + 1) }
    }

    var text: String { lines.map { $0 + "\n" }.joined() }
}

extension ConfigurationTree {
    var text: String { TreePrinter(self).text }

    /// A block alone, as it stands in the text.
    func text(of block: Path) -> String {
        guard let head = heads(of: block).last else { return text }
        return TreePrinter(ConfigurationTree(lines: [head])).text
    }
}
