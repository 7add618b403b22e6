import Addressing

extension AccessListDraft: StatementSubject {
    typealias Printed = AccessList
}

/// The statements of an access list, behind the sequence number.
enum AccessListStatements {
    static let table = StatementTable<AccessListDraft>([
        .line("permit", help: "packets that pass", example: "10 permit ip any any", prints: .inOrder) {
            line, list throws(Finding) in
            try rule(permits: true, &line, &list)
        },
        .line("deny", help: "packets that do not", example: "10 deny tcp any any eq 23", prints: .inOrder) {
            line, list throws(Finding) in
            try rule(permits: false, &line, &list)
        },
        .line("remark", help: "a text for people", example: "10 remark the office", prints: .inOrder) {
            line, list throws(Finding) in
            try append(.remark(line.freeText("a remark")), line, &list)
        },
    ])

    private static func rule(
        permits: Bool, _ line: inout LineReader, _ list: inout AccessListDraft
    ) throws(Finding) {
        let rule =
            switch list.kind {
            case .standard: try AccessRuleGrammar.standard(permits: permits, &line)
            case .extended: try AccessRuleGrammar.extended(permits: permits, family: list.family, &line)
            }
        try append(.rule(rule), line, &list)
        for match in [rule.source, rule.destination] {
            if case .group(let name) = match {
                list.groups.append(
                    GroupReference(name: Located(value: name, range: line.wordsRange), family: list.family))
            }
        }
        for name in [rule.sourcePorts?.group, rule.destinationPorts?.group].compactMap({ $0 }) {
            list.groups.append(GroupReference(name: Located(value: name, range: line.wordsRange), family: nil))
        }
    }

    private static func append(
        _ content: AccessListEntry.Content, _ line: LineReader, _ list: inout AccessListDraft
    ) throws(Finding) {
        let sequence: UInt32
        if let announced = list.announcedSequence {
            sequence = announced
        } else {
            sequence = try nextSequence(list, line)
        }
        list.highestSequence = max(list.highestSequence, sequence)
        list.entries.append(
            Located(value: AccessListEntry(sequence: sequence, content: content), range: line.wordsRange))
    }

    /// Ten more than the highest so far.
    private static func nextSequence(_ list: AccessListDraft, _ line: LineReader) throws(Finding) -> UInt32 {
        let (next, overflow) = list.highestSequence.addingReportingOverflow(10)
        guard !overflow else {
            throw Finding(
                .invalidValue, "no sequence number is left behind \(list.highestSequence)", at: line.wordsRange,
                hint: "write a sequence number in front of the line")
        }
        return next
    }
}
