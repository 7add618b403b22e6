import Addressing

/// What came of one line.
struct Outcome {
    var findings: [Finding] = []
    var opened: Mode?
    /// Whether the statement is known, so that it is known as well whether it opens a block.
    var isKnown = true
    var mayHaveOpenedBlock = false
    /// Whether the canonical text has such a line.
    var isPrinted = true
    /// As far as the line could be read; `nil` where nobody asked.
    var spelled: SpelledWords?
}

/// Carries out one line on the object its block is about.
///
/// A type of its own rather than a part of the reader: while an object inside the reader's draft is being changed, a
/// method of the reader would work on a copy of the reader, and with it of the draft, line after line.
struct LineExecution {
    let line: LineReader
    let mode: Mode
    let isFlat: Bool

    /// An access list's line may begin with its sequence number.
    func runEntry(on list: inout AccessListDraft?) -> Outcome {
        var line = line
        list?.announcedSequence = nil
        if line.tokens.count > 1, line.tokens[0].text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            do throws(Finding) {
                list?.announcedSequence = try line.number("a sequence number", in: 1...UInt32.max)
            } catch {
                return Outcome(findings: [error])
            }
        }
        let highest = list?.highestSequence
        var outcome = run(AccessListStatements.table, on: &list, line)
        if list?.announcedSequence == nil, let sequence = list?.highestSequence, sequence != highest {
            outcome.spelled?.insert("\(sequence)", at: 0)
        }
        return outcome
    }

    /// The blocks' objects are in dictionaries. Each is taken out while its line is read, so that what it holds is
    /// changed in place.
    func run<Subject>(_ table: StatementTable<Subject>, on subject: inout Subject?) -> Outcome {
        run(table, on: &subject, line)
    }

    func run<Subject>(_ table: StatementTable<Subject>, on subject: inout Subject) -> Outcome {
        run(table, on: &subject, line)
    }

    private func run<Subject>(
        _ table: StatementTable<Subject>, on subject: inout Subject?, _ line: LineReader
    ) -> Outcome {
        guard var taken = subject.take() else { return Outcome() }
        defer { subject = taken }
        return run(table, on: &taken, line)
    }

    private func run<Subject>(
        _ table: StatementTable<Subject>, on subject: inout Subject, _ line: LineReader
    ) -> Outcome {
        var line = line
        var outcome = Outcome()
        while true {
            switch table.match(line.tokens[line.position...]) {
            case .statement(let statement):
                line.pass(statement.words)
                outcome.isPrinted = statement.isPrinted
                do throws(Finding) {
                    outcome.opened = try statement.read(&line, &subject)
                    try line.finish()
                } catch {
                    outcome.findings.append(error)
                }
                outcome.mayHaveOpenedBlock = statement.opensBlock && outcome.opened == nil
                outcome.spelled = line.spelled
                return outcome
            case .mismatch(let position, let candidates):
                outcome.findings.append(unknownKeyword(line, at: position, candidates))
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
        _ line: LineReader, at position: Int, _ candidates: [Keyword]
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
