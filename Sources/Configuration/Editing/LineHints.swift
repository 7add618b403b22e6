/// A word that can come next in a line that is being typed.
public struct LineHint: Hashable, Sendable {
    /// The word itself, or what has to stand there.
    public let word: String
    public let help: String
    /// Whether the word can be put in as it is.
    public let isLiteral: Bool

    init(_ word: String, _ help: String = "", isLiteral: Bool = true) {
        self.word = word
        self.help = help
        self.isLiteral = isLiteral
    }
}

extension ConfigurationEditor {
    /// What can come behind the words of a line. The statements are those of the innermost block around it that has some
    /// that begin so, and behind their own words it is the parser that says what is lacking.
    public func hints(behind text: String) -> [LineHint] {
        guard let line = try? LineLexer.lex(Array(text.utf8)[...], number: 1) else { return [] }
        if line.tokens.first?.folded == "no" {
            let block = Array(path.prefix(path.count))
            return removalHints(line, in: block) + statementHints(line)
        }
        return statementHints(line)
    }

    private func statementHints(_ line: LexedLine) -> [LineHint] {
        for depth in stride(from: path.count, through: 0, by: -1) {
            let block = Array(path.prefix(depth))
            let hints = BlockHints(tree, block, line).all
            if !hints.isEmpty || line.tokens.isEmpty { return hints }
        }
        return []
    }

    /// The next words of the lines that are there.
    private func removalHints(_ line: LexedLine, in block: ConfigurationTree.Path) -> [LineHint] {
        let typed = line.tokens.dropFirst().map(\.folded)
        var hints: [LineHint] = []
        for other in tree.lines(in: block) {
            let words = other.text.split(separator: " ").map(String.init)
            guard words.count > typed.count, words.map({ $0.lowercased() }).starts(with: typed) else { continue }
            let hint = LineHint(words[typed.count])
            if !hints.contains(hint) { hints.append(hint) }
        }
        return hints
    }
}

/// The hints for a line of one block.
private struct BlockHints {
    private let tree: ConfigurationTree
    private let block: ConfigurationTree.Path
    private let line: LexedLine
    private let outcome: Outcome
    private let mode: Mode
    /// The words of the line, keywords in full.
    private let words: [String]

    init(_ tree: ConfigurationTree, _ block: ConfigurationTree.Path, _ line: LexedLine) {
        self.tree = tree
        self.block = block
        self.line = line
        mode = tree.heads(of: block).last?.opens ?? .global
        outcome = line.tokens.isEmpty ? Outcome() : BlockReplay(tree, block).outcome(of: line)
        let spelled = outcome.spelled?.text(of: line)
        words = spelled.map { $0.split(separator: " ").map(String.init) } ?? line.tokens.map(\.folded)
    }

    var all: [LineHint] {
        let keywords = keywords
        guard keywords.isEmpty, !line.tokens.isEmpty, outcome.spelled != nil else { return keywords }
        guard let finding = outcome.findings.first(where: { $0.contradictedLine == nil }) else {
            return (outcome.spelled?.offered ?? []).map { LineHint($0) }
                + [LineHint("<cr>", "the line can end here", isLiteral: false)]
        }
        guard finding.code == .missingArgument else { return [] }
        return finding.expected.flatMap(arguments)
    }

    /// Words of statements that begin like the line.
    private var keywords: [LineHint] {
        var found: [(word: String, helps: [String])] = []
        for statement in mode.documented {
            let own = statement.words.split(separator: " ").map(String.init)
            guard own.count > words.count, begins(own) else { continue }
            let help = own.count == words.count + 1 ? statement.help : "…"
            if let place = found.firstIndex(where: { $0.word == own[words.count] }) {
                found[place].helps.append(help)
            } else {
                found.append((own[words.count], [help]))
            }
        }
        return found.map { hint in
            let isNeighbor = hint.word == "192.0.2.2" || hint.word == "198.51.100.2" || hint.word == "10.1.0.2"
            guard isNeighbor else { return LineHint(hint.word, hint.helps.count == 1 ? hint.helps[0] : "") }
            return LineHint("NEIGHBOR", "its address, or the name of a peer group", isLiteral: false)
        }.flatMap { $0.isLiteral ? [$0] : [$0] + neighbors }
    }

    /// The example of a `neighbor` line has some address.
    private func begins(_ own: [String]) -> Bool {
        words.indices.allSatisfy { own[$0] == words[$0] || $0 == 1 && own[0] == "neighbor" && words[0] == "neighbor" }
    }

    private func arguments(_ expected: String) -> [LineHint] {
        let isKeyword = expected.utf8.allSatisfy { octet in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet || UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet
                || octet == UInt8(ascii: "-")
        }
        guard !isKeyword else { return [LineHint(expected)] }
        return [LineHint("VALUE", expected, isLiteral: false)] + names(for: expected).map { LineHint($0) }
    }

    private var neighbors: [LineHint] {
        var hints: [LineHint] = []
        let heads = [tree.lines(in: block)] + (block.isEmpty ? [] : [tree.lines(in: Array(block.dropLast()))])
        for line in heads.joined() {
            let words = line.text.split(separator: " ").map(String.init)
            guard words.count > 1, words[0] == "neighbor" else { continue }
            let hint = LineHint(words[1])
            if !hints.contains(hint) { hints.append(hint) }
        }
        return hints
    }

    /// The names that the text has of what is expected.
    private func names(for expected: String) -> [String] {
        var names: [String] = []
        for line in tree.lines {
            let name: String? =
                switch line.opens {
                case .vrf(let name) where expected.contains("a VRF"): name
                case .interface(let name) where expected.contains("an interface"): name.description
                case .port(let name) where expected.contains("a port"): name.description
                case .accessList(_, _, let name) where expected.contains("an access list"): name
                case .objectGroup(let name) where expected.contains("object group"): name
                case .classMap(let name) where expected.contains("a class map"): name
                case .policyMap(let name) where expected.contains("a policy map"): name
                case .flowExporter(let name) where expected.contains("a flow exporter"): name
                case .flowMonitor(let name) where expected.contains("a flow monitor"): name
                case .tableMap(let name) where expected.contains("a table map"): name
                case .routeMapEntry(let name, _) where expected.contains("a route map"): name
                case .labelSpace(let name) where expected.contains("a label space"): name
                default: listName(line, expected)
                }
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func listName(_ line: TreeLine, _ expected: String) -> String? {
        let words = line.text.split(separator: " ").map(String.init)
        guard words.count > 2, words[1] == "prefix-list", expected.contains("a prefix list") else { return nil }
        return words[2]
    }
}
