/// A configuration that is changed line by line, as people type it: a statement says how it shall be, `no` in front of one
/// takes lines away, and a line that opens a block leads into it.
///
/// Which block a line stands in is settled by its keywords before it is read, as in a text without indentation (see
/// ``StatementReader``): a line that is wrong there is never tried in another block. A line that says something else of
/// what an earlier one says takes its place; that it does is the parser's word.
public struct ConfigurationEditor: Sendable {
    private(set) var tree: ConfigurationTree
    /// The block that the next line stands in.
    private(set) var path: ConfigurationTree.Path = []
    /// Comments that wait for the line below them.
    private var comments: [String] = []

    /// - Throws: what is wrong with the lines of a text. That it is wrong as a whole, or lacks something, is not found.
    public init(text: String, fileName: String) throws(InvalidConfiguration) {
        tree = try TreeReader(text: text, fileName: fileName).tree
    }

    /// All of it, as it is read again.
    public var text: String { tree.text }

    /// The block that the next line stands in, with all that is in it; all of the text at the top level.
    public var textOfBlock: String { tree.text(of: path) }

    /// The lines that open the blocks around the next line, the outermost first.
    public var block: [String] { tree.heads(of: path).map(\.text) }

    /// How long ``text`` is.
    public var octets: Int { TreePrinter(tree).lines.reduce(0) { $0 + $1.utf8.count + 1 } }

    /// Whether it says the same in the same words, comments included.
    public func isSame(as other: ConfigurationEditor) -> Bool { tree == other.tree }

    /// Takes a line.
    /// - Returns: the lines that are there no more, without indentation.
    /// - Throws: why it is no line that can stand here; nothing has changed then.
    public mutating func enter(_ text: String) throws(InvalidConfiguration) -> [String] {
        do throws(Finding) {
            return try enter(LineLexer.lex(Array(text.utf8)[...], number: 1))
        } catch {
            throw InvalidConfiguration(diagnostics: [SourceText(text, file: "typed").diagnostic(for: error)])
        }
    }

    /// Takes the lines of a text over those that there are.
    /// - Throws: what is wrong with them; nothing has changed then.
    public mutating func merge(text: String, fileName: String) throws(InvalidConfiguration) {
        let added = try TreeReader(text: text, fileName: fileName).tree
        var merged = self
        for line in added.lines { try merged.merge(line, into: [], fileName) }
        tree = merged.tree
        path = []
    }

    /// Takes another text in place of this one.
    /// - Throws: what is wrong with its lines; nothing has changed then.
    public mutating func replace(text: String, fileName: String) throws(InvalidConfiguration) {
        self = try ConfigurationEditor(text: text, fileName: fileName)
    }

    private mutating func merge(
        _ line: TreeLine, into block: ConfigurationTree.Path, _ fileName: String
    ) throws(InvalidConfiguration) {
        comments = line.comments
        do throws(Finding) {
            let remark = line.remark.map { " \($0)" } ?? ""
            _ = try set(LineLexer.lex(Array("\(line.text)\(remark)".utf8)[...], number: 1), in: block)
        } catch {
            throw InvalidConfiguration(diagnostics: [SourceText(line.text, file: fileName).diagnostic(for: error)])
        }
        let inner = path
        for other in line.lines { try merge(other, into: inner, fileName) }
    }
}

extension ConfigurationEditor {
    private mutating func enter(_ line: LexedLine) throws(Finding) -> [String] {
        guard let first = line.tokens.first else {
            if let comment = line.remark?.asComment { comments.append(comment) }
            return []
        }
        if !first.isQuoted, line.tokens.count == 1, let end = BlockEnd(first) {
            switch end {
            case .ofOne where path.isEmpty:
                throw Finding(
                    .nothingToExit, "there is no block to exit", at: SourceRange(line: 1, octets: first.octets))
            case .ofOne: path.removeLast()
            case .ofAll: path = []
            }
            return []
        }
        if first.folded == "no", !first.isQuoted, line.tokens.count > 1 {
            let block = block(knowing: line.tokens[...]) ?? block(knowing: line.tokens.dropFirst()) ?? path
            guard mode(of: block).knows(line.tokens[...]) else { return try remove(line, in: block) }
            return try set(line, in: block)
        }
        return try set(line, in: block(knowing: line.tokens[...]) ?? path)
    }

    private func mode(of block: ConfigurationTree.Path) -> Mode { tree.heads(of: block).last?.opens ?? .global }

    /// The innermost block around the next line that has a statement with these keywords.
    private func block(knowing tokens: ArraySlice<Token>) -> ConfigurationTree.Path? {
        for depth in stride(from: path.count, through: 0, by: -1) {
            let block = Array(path.prefix(depth))
            if mode(of: block).knows(tokens) { return block }
        }
        return nil
    }

    private mutating func set(_ line: LexedLine, in block: ConfigurationTree.Path) throws(Finding) -> [String] {
        let result = try BlockReplay(tree, block).read(line)
        let outcome = result.outcome
        let new = TreeLine(
            comments: comments, text: result.text(of: line), remark: line.remark, opens: outcome.opened)
        var change = BlockChange(replaced: result.replaced, isPrinted: outcome.isPrinted)
        if case .accessList = mode(of: block) { try change.refuseTakenNumber(new, among: tree.lines(in: block), line) }
        let position = tree.change(block) { change.put(new, into: &$0) }
        comments = []
        path = block
        if let position, outcome.opened != nil { path.append(position) }
        Resequencing.carryOut(in: &tree)
        return change.removed
    }

    private mutating func remove(_ line: LexedLine, in block: ConfigurationTree.Path) throws(Finding) -> [String] {
        var wanted = line
        wanted.tokens.removeFirst()
        let outcome = BlockReplay(tree, block).outcome(of: wanted)
        let isNumber = wanted.tokens.count == 1 && UInt32(wanted.tokens[0].text) != nil
        if outcome.spelled == nil, !isNumber, let finding = outcome.findings.first { throw finding }
        let removal = LineRemoval(wanted, outcome.spelled)
        let positions = try removal.positions(among: tree.lines(in: block))
        comments = []
        path = block
        return tree.change(block) { lines in
            let removed = positions.map { lines[$0].text }
            for position in positions.reversed() { lines.remove(at: position) }
            return removed
        }
    }
}

/// What ends blocks.
enum BlockEnd {
    case ofOne
    case ofAll

    init?(_ token: Token) {
        if StatementReader.exitKeyword.matches(token) {
            self = .ofOne
        } else if StatementReader.endKeyword.matches(token) {
            self = .ofAll
        } else {
            return nil
        }
    }
}
