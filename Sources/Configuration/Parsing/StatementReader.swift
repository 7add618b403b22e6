/// Reads lines one after the other into a draft, and decides in which block each of them stands.
///
/// **Which block a line stands in.** Blocks nest by indentation: a line belongs to the innermost open block whose first
/// line is indented less; blocks that begin at the line's own indentation or to the right of it end there. How much a
/// line is indented does not matter otherwise.
///
/// A text in which all lines are indented alike (pasted from a terminal, for instance) has no blocks in that sense.
/// There, a line belongs to the innermost open block that has a statement with the line's leading keywords, and ends
/// the blocks inside that one. Only keywords count for this: their arguments have not been looked at yet.
///
/// Either way the block is settled before the statement is read. A line that turns out to be wrong is an error there
/// and is never tried in another block.
///
/// `exit` (also `exit-address-family`, `exit-vrf` and `quit`) ends the innermost block that does not begin to the right
/// of it, `end` ends all.
struct StatementReader {
    private(set) var draft = ConfigurationDraft()
    private(set) var findings: [Finding] = []
    private var blocks: [OpenBlock] = []
    /// Whether all lines are indented alike.
    private let isFlat: Bool

    private struct OpenBlock {
        let mode: Mode
        let indentation: Int
        /// For an unreadable block: the finding about its first line.
        var cause: Int?
        var skippedLines = 0
    }

    init(isFlat: Bool) {
        self.isFlat = isFlat
    }

    /// Reads a line.
    mutating func read(_ line: LexedLine) {
        guard let first = line.tokens.first else { return }
        if !first.isQuoted, line.tokens.count == 1 {
            if exitKeyword.matches(first) { return exit(at: line) }
            if endKeyword.matches(first) { return closeBlocks { _ in true } }
        }
        if isFlat {
            let mode = blocks.last { $0.mode.knows(line.tokens[...]) }?.mode ?? .global
            if mode == .global, let last = blocks.last, !Mode.global.knows(line.tokens[...]) {
                if skip(in: last) { return }
                return execute(line, in: last.mode)
            }
            while let last = blocks.last, last.mode != mode { close(last) }
            execute(line, in: mode)
        } else {
            closeBlocks { $0.indentation >= line.indentation }
            if let last = blocks.last, skip(in: last) { return }
            execute(line, in: blocks.last?.mode ?? .global)
        }
    }

    /// Takes note of a line that cannot be cut into words.
    mutating func readUnlexable(_ finding: Finding) {
        findings.append(finding)
        draft.damaged.insert(blocks.last?.mode ?? .global)
    }

    /// Ends all blocks: there are no more lines.
    mutating func finish() {
        closeBlocks { _ in true }
    }

    private mutating func execute(_ line: LexedLine, in mode: Mode) {
        let outcome = execute(LineReader(line), in: mode)
        findings += outcome.findings
        if !outcome.findings.isEmpty { draft.damaged.insert(mode) }
        if let opened = outcome.opened {
            blocks.append(OpenBlock(mode: opened, indentation: line.indentation))
        } else if outcome.mayHaveOpenedBlock, !isFlat || outcome.isKnown {
            blocks.append(OpenBlock(mode: .unreadable, indentation: line.indentation, cause: findings.count - 1))
        }
    }

    private mutating func exit(at line: LexedLine) {
        if !isFlat { closeBlocks { $0.indentation > line.indentation } }
        guard let last = blocks.last else {
            findings.append(
                Finding(
                    .nothingToExit, "there is no block to exit",
                    at: SourceRange(line: line.number, octets: line.tokens[0].octets), hint: "remove the line"))
            return
        }
        close(last)
    }

    private mutating func closeBlocks(while condition: (OpenBlock) -> Bool) {
        while let last = blocks.last, condition(last) { close(last) }
    }

    private mutating func close(_ block: OpenBlock) {
        blocks.removeLast()
        guard let cause = block.cause, block.skippedLines > 0, findings.indices.contains(cause) else { return }
        let note = "the \(block.skippedLines == 1 ? "line" : "\(block.skippedLines) lines") below it could not be read"
        findings[cause].hint = findings[cause].hint.map { "\($0); \(note)" } ?? note
    }

    /// Counts a line of an unreadable block; `false` if the block is readable.
    private mutating func skip(in block: OpenBlock) -> Bool {
        guard block.mode == .unreadable else { return false }
        blocks[blocks.count - 1].skippedLines += 1
        return true
    }
}

private let exitKeyword: Keyword = "exit|exit-address-family|exit-vrf|quit"
private let endKeyword: Keyword = "end"

/// What came of one line.
private struct Outcome {
    var findings: [Finding] = []
    var opened: Mode?
    /// Whether the statement is known, so that it is known as well whether it opens a block.
    var isKnown = true
    var mayHaveOpenedBlock = false
}

extension StatementReader {
    private mutating func execute(_ line: LineReader, in mode: Mode) -> Outcome {
        switch mode {
        case .global: return run(GlobalStatements.table, on: &draft, line, mode)
        case .port(let name): return run(PortStatements.table, on: &draft.ports[name], line, mode)
        case .dataplane: return run(DataplaneStatements.table, on: &draft.dataplane, line, mode)
        case .vrf(let name): return run(VRFStatements.table, on: &draft.vrfs[name], line, mode)
        case .vrfAddressFamily(let name):
            return run(VRFStatements.addressFamilyTable, on: &draft.vrfs[name], line, mode)
        case .interface(let name): return run(InterfaceStatements.table, on: &draft.interfaces[name], line, mode)
        case .accessList(.ipv4, _, let name): return runEntry(on: &draft.ipv4AccessLists[name], line, mode)
        case .accessList(.ipv6, _, let name): return runEntry(on: &draft.ipv6AccessLists[name], line, mode)
        case .classMap(let name): return run(ClassMapStatements.table, on: &draft.classMaps[name], line, mode)
        case .policyMap(let name): return run(PolicyMapStatements.table, on: &draft.policyMaps[name], line, mode)
        case .policyClass(let name, let className):
            guard var map = draft.policyMaps.removeValue(forKey: name) else { return Outcome() }
            defer { draft.policyMaps[name] = map }
            return run(PolicyMapStatements.classTable, on: &map.classes[className], line, mode)
        case .bgp: return run(BGPStatements.table, on: &draft.bgp, line, mode)
        case .bgpVPN(let family): return run(BGPStatements.vpnTable(family), on: &draft.bgp, line, mode)
        case .bgpVRF(let key): return run(BGPStatements.vrfTable, on: &draft.bgp.vrfFamilies[key], line, mode)
        case .unreadable: return Outcome()
        }
    }

    /// An access list's line may begin with its sequence number.
    private func runEntry(on list: inout AccessListDraft?, _ line: LineReader, _ mode: Mode) -> Outcome {
        var line = line
        list?.announcedSequence = nil
        if line.tokens.count > 1, line.tokens[0].text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            do throws(Finding) {
                list?.announcedSequence = try line.number("a sequence number", in: 1...UInt32.max)
            } catch {
                return Outcome(findings: [error])
            }
        }
        return run(AccessListStatements.table, on: &list, line, mode)
    }

    /// The blocks' objects are in dictionaries. Each is taken out while its line is read, so that what it holds is
    /// changed in place.
    private func run<Subject>(
        _ table: StatementTable<Subject>, on subject: inout Subject?, _ line: LineReader, _ mode: Mode
    ) -> Outcome {
        guard var taken = subject.take() else { return Outcome() }
        defer { subject = taken }
        return run(table, on: &taken, line, mode)
    }

    private func run<Subject>(
        _ table: StatementTable<Subject>, on subject: inout Subject, _ line: LineReader, _ mode: Mode
    ) -> Outcome {
        var line = line
        var outcome = Outcome()
        while true {
            switch table.match(line.tokens[line.position...]) {
            case .statement(let statement, let wordCount):
                line.position += wordCount
                do throws(Finding) {
                    outcome.opened = try statement.read(&line, &subject)
                    try line.finish()
                } catch {
                    outcome.findings.append(error)
                }
                outcome.mayHaveOpenedBlock = statement.opensBlock && outcome.opened == nil
                return outcome
            case .mismatch(let position, let candidates):
                outcome.findings.append(unknownKeyword(line, at: position, candidates, mode))
                // A misspelt keyword is an error, and nothing will be applied. The line is read on as what it was most
                // likely meant to be, so that what is wrong behind and below it is found in the same run.
                guard line.tokens.indices.contains(position),
                    let meant = suggestion(for: line.tokens[position], among: candidates)
                else {
                    outcome.isKnown = false
                    outcome.mayHaveOpenedBlock = true
                    return outcome
                }
                let token = line.tokens[position]
                line.tokens[position] = Token(
                    text: meant, folded: meant.lowercased(), octets: token.octets, isQuoted: false)
            }
        }
    }

    private func unknownKeyword(
        _ line: LineReader, at position: Int, _ candidates: [Keyword], _ mode: Mode
    ) -> Finding {
        let spellings = candidates.map(\.spelling)
        guard line.tokens.indices.contains(position) else { return line.missing(spellings) }
        let token = line.tokens[position]
        var hint = suggestion(for: token, among: candidates).map { "did you mean '\($0)'?" }
        if hint == nil {
            let homes = Mode.titles(knowing: line.tokens[line.position...])
            if !homes.isEmpty {
                hint =
                    "such a line belongs in \(homes.joined(separator: " or ")), not in \(mode.title)"
                    + (isFlat ? "" : ": a line is in a block if it is indented more than the block's first line")
            } else if token.folded == "no" {
                hint = "a configuration says what holds: leave out the line that should not"
            }
        }
        let place = mode == .global || position > line.position ? "" : " in \(mode.title)"
        return Finding(
            .unknownKeyword, "unknown keyword '\(token.text)'\(place)", at: line.range(of: token), expected: spellings,
            hint: hint)
    }
}
