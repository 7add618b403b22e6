extension ClassMapDraft: StatementSubject {
    typealias Printed = ClassMap
}

/// The statements of a `class-map` block.
enum ClassMapStatements {
    static let table = StatementTable<ClassMapDraft>(statements(isNegated: false) + statements(isNegated: true))

    /// Each criterion, and each with `not` in front of it.
    private static func statements(isNegated: Bool) -> [Statement<ClassMapDraft>] {
        func statement(
            _ words: Keyword..., help: String, example: String, printsLike other: String? = nil,
            read: @escaping @Sendable (inout LineReader) throws(Finding) -> Located<ClassCriterion>
        ) -> Statement<ClassMapDraft> {
            let head: [Keyword] = isNegated ? ["match", "not"] : ["match"]
            let start = isNegated ? "match not " : "match "
            let help = StatementHelp(text: isNegated ? "a packet without \(help)" : help, example: start + example)
            return Statement(
                words: head + words, opensBlock: false, help: help,
                printing: other.map { .like(start + $0) } ?? .inOrder
            ) { line, map throws(Finding) in
                let criterion = try read(&line)
                let value = isNegated ? .not(criterion.value) : criterion.value
                // Said twice it asks no more than once.
                if !map.criteria.contains(where: { $0.value == value }) {
                    map.criteria.append(Located(value: value, range: criterion.range))
                }
                return nil
            }
        }
        return [
            statement("any", help: "any property", example: "any") { line throws(Finding) in
                Located(value: .any, range: line.wordsRange)
            },
            statement(
                "access-group", "name", help: "the permission of an access list", example: "access-group name web"
            ) { line throws(Finding) in
                let name = try line.name("an access list")
                return Located(value: .accessGroup(name.value), range: name.range)
            },
            statement("dscp", help: "one of these code points", example: "dscp af11 ef", read: dscp),
            statement(
                "ip", "dscp", help: "one of these code points", example: "ip dscp ef", printsLike: "dscp ef", read: dscp
            ),
            statement("precedence", help: "one of these precedences", example: "precedence 3 5") {
                line throws(Finding) in
                Located(value: .precedence(try eights("a precedence", &line)), range: line.wordsRange)
            },
            statement(
                "mpls", "experimental", "topmost", help: "one of these traffic classes in its first label",
                example: "mpls experimental topmost 5"
            ) { line throws(Finding) in
                Located(value: .mplsTrafficClass(try eights("a traffic class", &line)), range: line.wordsRange)
            },
        ]
    }

    /// One or more numbers from 0 to 7.
    private static func eights(_ meaning: String, _ line: inout LineReader) throws(Finding) -> [UInt8] {
        var values: Set<UInt8> = []
        repeat { values.insert(try line.number(meaning, in: 0...7)) } while !line.isAtEnd
        return values.sorted()
    }

    @Sendable
    private static func dscp(_ line: inout LineReader) throws(Finding) -> Located<ClassCriterion> {
        var values: Set<UInt8> = []
        repeat { values.insert(try line.dscp()) } while !line.isAtEnd
        return Located(value: .dscp(values.sorted()), range: line.wordsRange)
    }
}

extension PolicyMapDraft: StatementSubject {
    typealias Printed = PolicyMap
}

extension PolicyClassDraft: StatementSubject {
    typealias Printed = PolicyClass
}

/// The statements of a `policy-map` block and of the classes in it.
enum PolicyMapStatements {
    static let table = StatementTable<PolicyMapDraft>([
        .block("class", help: "what is done with the packets of a class", example: "class voice") {
            line, map throws(Finding) in
            let name = try line.name("a class map, or class-default")
            if map.classes[name.value] == nil {
                map.classes[name.value] = PolicyClassDraft()
                map.classOrder.append(name)
            }
            return .policyClass(policyMap: map.name, className: name.value)
        }
    ])

    static let classTable = StatementTable<PolicyClassDraft>([
        .line(
            "police", "cir", help: "how much of it passes",
            example: "police cir 1000000 bc 31250 conform-action transmit exceed-action drop",
            prints: .line(rank: 1) { $0.policer.map { $0.statement } }
        ) { line, policyClass throws(Finding) in
            try line.assign(&policyClass.policer, try PolicerGrammar.read(&line))
        },
        .line(
            "set", "dscp", help: "its code point", example: "set dscp ef",
            prints: .line(rank: 1) { $0.markedDSCP.map { "set dscp \(PacketVocabulary.text(ofCodePoint: $0))" } },
            read: setDSCP),
        .line(
            "set", "ip", "dscp", help: "likewise", example: "set ip dscp ef", prints: .like("set dscp ef"),
            read: setDSCP),
        .line(
            "set", "precedence", help: "its precedence, with no drop precedence", example: "set precedence 5",
            prints: .like("set dscp cs5")
        ) { line, policyClass throws(Finding) in
            let precedence: UInt8 = try line.number("a precedence", in: 0...7)
            try line.assign(&policyClass.markedDSCP, precedence << 3)
        },
        .line(
            "set", "dscp", "mpls", "experimental", "table", help: "its code point by a table from its traffic class",
            example: "set dscp mpls experimental table classes",
            prints: .line(rank: 3) { $0.dscpTable.map { "set dscp mpls experimental table \($0)" } }
        ) { line, policyClass throws(Finding) in
            try line.assign(&policyClass.dscpTable, line.name("a table map"))
        },
        .line(
            "set", "mpls", "experimental", "imposition", "dscp", "table",
            help: "its traffic class by a table from its code point",
            example: "set mpls experimental imposition dscp table classes",
            prints: .line(rank: 3) { $0.trafficClassTable.map { "set mpls experimental imposition dscp table \($0)" } }
        ) { line, policyClass throws(Finding) in
            try line.assign(&policyClass.trafficClassTable, line.name("a table map"))
        },
        .line(
            "set", "mpls", "experimental", "imposition", help: "the traffic class of its label",
            example: "set mpls experimental imposition 5",
            prints: .line(rank: 2) { $0.markedTrafficClass.map { "set mpls experimental imposition \($0)" } }
        ) { line, policyClass throws(Finding) in
            try line.assign(&policyClass.markedTrafficClass, line.number("a traffic class", in: 0...7))
        },
        .refused("shape", hint: queueless),
        .refused("bandwidth", hint: queueless),
        .refused("priority", hint: queueless),
        .refused("queue-limit", hint: queueless),
        .refused("fair-queue", hint: queueless),
        .refused("random-detect", hint: queueless),
    ])

    private static let queueless = "packets are policed and marked, but never queued by class: use 'police'"

    @Sendable
    private static func setDSCP(_ line: inout LineReader, _ policyClass: inout PolicyClassDraft) throws(Finding) {
        try line.assign(&policyClass.markedDSCP, line.dscp())
    }
}
