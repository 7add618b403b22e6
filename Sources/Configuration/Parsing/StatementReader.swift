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
    /// What of the text is a line of a block, where that is wanted.
    private(set) var outline: [OutlinedLine]?

    private struct OpenBlock {
        let mode: Mode
        let indentation: Int
        /// For an unreadable block: the finding about its first line.
        var cause: Int?
        var skippedLines = 0
    }

    /// - Parameter outlines: whether ``outline`` is wanted.
    init(isFlat: Bool, outlines: Bool = false) {
        self.isFlat = isFlat
        if outlines { outline = [] }
    }

    /// Reads a whole text.
    init(reading source: SourceText, outlines: Bool = false) {
        var lines: [Result<LexedLine, Finding>] = []
        lines.reserveCapacity(source.lineCount)
        var indentations: Set<Int> = []
        for number in 1..<source.lineCount + 1 {
            do throws(Finding) {
                let line = try LineLexer.lex(source.line(number), number: number)
                guard !line.tokens.isEmpty else { continue }
                indentations.insert(line.indentation)
                lines.append(.success(line))
            } catch {
                lines.append(.failure(error))
            }
        }
        self.init(isFlat: indentations.count < 2, outlines: outlines)
        for line in lines {
            switch line {
            case .success(let line): read(line)
            case .failure(let finding): readUnlexable(finding)
            }
        }
        finish()
    }

    /// Reads a line.
    mutating func read(_ line: LexedLine) {
        guard let first = line.tokens.first else { return }
        if !first.isQuoted, line.tokens.count == 1 {
            if Self.exitKeyword.matches(first) { return exit(at: line) }
            if Self.endKeyword.matches(first) { return closeBlocks { _ in true } }
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

    /// What comes of a line, whatever has been read: nothing is kept of it.
    func outcome(of line: LexedLine, indentation: Int) -> Outcome {
        var copy = self
        copy.closeBlocks { $0.indentation >= indentation }
        return copy.execute(LineReader(line, spells: true), in: copy.blocks.last?.mode ?? .global)
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
        let outcome = execute(LineReader(line, spells: outline != nil), in: mode)
        findings += outcome.findings
        outline?.append(OutlinedLine(line, outcome, depth: blocks.count))
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

extension StatementReader {
    static let exitKeyword: Keyword = "exit|exit-address-family|exit-vrf|quit"
    static let endKeyword: Keyword = "end"

    private mutating func execute(_ line: LineReader, in mode: Mode) -> Outcome {
        let execution = LineExecution(line: line, mode: mode, isFlat: isFlat)
        switch mode {
        case .global: return execution.run(GlobalStatements.table, on: &draft)
        case .port(let name): return execution.run(PortStatements.table, on: &draft.ports[name])
        case .dataplane: return execution.run(DataplaneStatements.table, on: &draft.dataplane)
        case .labelSpace(let name):
            return execution.run(CommonLabelStatements.ofSpace, on: &draft.labelSpaces[name])
        case .vrf(let name): return execution.run(VRFStatements.table, on: &draft.vrfs[name])
        case .vrfAddressFamily(let name):
            return execution.run(VRFStatements.addressFamilyTable, on: &draft.vrfs[name])
        case .interface(let name): return execution.run(InterfaceStatements.table, on: &draft.interfaces[name])
        case .loopback: return execution.run(LoopbackStatements.table, on: &draft.loopback)
        case .objectGroup(let name):
            return execution.run(ObjectGroupStatements.table, on: &draft.objectGroups[name])
        case .accessList(.ipv4, _, let name): return execution.runEntry(on: &draft.ipv4AccessLists[name])
        case .accessList(.ipv6, _, let name): return execution.runEntry(on: &draft.ipv6AccessLists[name])
        case .classMap(let name): return execution.run(ClassMapStatements.table, on: &draft.classMaps[name])
        case .policyMap(let name): return execution.run(PolicyMapStatements.table, on: &draft.policyMaps[name])
        case .policyClass(let name, let className):
            guard var map = draft.policyMaps.removeValue(forKey: name) else { return Outcome() }
            defer { draft.policyMaps[name] = map }
            return execution.run(PolicyMapStatements.classTable, on: &map.classes[className])
        case .flowExporter(let name):
            return execution.run(FlowExporterStatements.table, on: &draft.flowExporters[name])
        case .flowMonitor(let name):
            return execution.run(FlowMonitorStatements.table, on: &draft.flowMonitors[name])
        case .tableMap(let name): return execution.run(TableMapStatements.table, on: &draft.tableMaps[name])
        case .routeMapEntry(let name, let sequence):
            guard var map = draft.routeMaps.removeValue(forKey: name) else { return Outcome() }
            defer { draft.routeMaps[name] = map }
            return execution.run(RouteMapStatements.table, on: &map.entries[sequence])
        case .bgp: return execution.run(BGPStatements.table, on: &draft.bgp)
        case .bgpVPN(let family): return execution.run(BGPStatements.vpnTable(family), on: &draft.bgp)
        case .bgpLabeledUnicast(let family):
            return execution.run(BGPStatements.labeledUnicastTable(family), on: &draft.bgp)
        case .bgpRouteTargets: return execution.run(BGPStatements.routeTargetTable, on: &draft.bgp)
        case .bgpSignalling(let family):
            return execution.run(BGPStatements.signallingTable(family), on: &draft.bgp)
        case .bgpVRF(let key): return execution.run(BGPStatements.vrfTable(key.family), on: &draft.bgp.vrfs[key.vrf])
        case .unreadable: return Outcome()
        }
    }
}
