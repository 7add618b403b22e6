/// A new line read behind those of its block: the parser itself says whether it is right and which line says something else
/// of the same.
struct BlockReplay {
    private let tree: ConfigurationTree
    private let block: ConfigurationTree.Path
    private let siblings: [TreeLine]
    private let numbers: [Int]

    init(_ tree: ConfigurationTree, _ block: ConfigurationTree.Path) {
        self.tree = tree
        self.block = block
        siblings = tree.lines(in: block)
        numbers = TreePrinter(tree, numbering: block).numbers
    }

    /// What came of a line.
    struct Result {
        var outcome: Outcome
        /// The places in the block of the lines that it stands for.
        var replaced: [Int] = []

        /// The line in canonical spelling.
        func text(of line: LexedLine) -> String { outcome.spelled?.text(of: line) ?? "" }
    }

    /// - Throws: why it is no line of the block.
    func read(_ line: LexedLine) throws(Finding) -> Result {
        var replaced: [Int] = []
        while true {
            let outcome = outcome(of: line, without: replaced)
            // What is there already is not an entry that is there twice.
            let text = outcome.spelled?.text(of: line)
            if let same = siblings.firstIndex(where: { $0.text == text }), !replaced.contains(same) {
                var again = Result(outcome: self.outcome(of: line, without: [same]))
                guard let finding = again.outcome.findings.first(where: { $0.contradictedLine == nil }) else {
                    again.outcome.findings = []
                    return again
                }
                throw finding
            }
            guard let finding = outcome.findings.first else {
                return Result(outcome: outcome, replaced: replaced.sorted())
            }
            guard let number = finding.contradictedLine, let position = numbers.firstIndex(of: number),
                !replaced.contains(position)
            else { throw finding }
            replaced.append(position)
        }
    }

    /// What there is to say of a line that may not be complete.
    func outcome(of line: LexedLine, without left: [Int] = []) -> Outcome {
        var reader = StatementReader(isFlat: false)
        for (depth, head) in tree.heads(of: block).enumerated() { read(head, 0, depth, into: &reader) }
        for (position, sibling) in siblings.enumerated() where !left.contains(position) {
            read(sibling, numbers[position], block.count, into: &reader)
        }
        return reader.outcome(of: line, indentation: block.count)
    }

    private func read(_ line: TreeLine, _ number: Int, _ indentation: Int, into reader: inout StatementReader) {
        // What cannot be cut into words has not come into the tree.
        guard var lexed = try? LineLexer.lex(Array(line.text.utf8)[...], number: number) else { return }
        lexed.indentation = indentation
        reader.read(lexed)
    }
}
