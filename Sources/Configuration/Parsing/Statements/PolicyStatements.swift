/// The statements of a `class-map` block.
enum ClassMapStatements {
    static let table = StatementTable<ClassMapDraft>(statements(isNegated: false) + statements(isNegated: true))

    /// Each criterion, and each with `not` in front of it.
    private static func statements(isNegated: Bool) -> [Statement<ClassMapDraft>] {
        func statement(
            _ words: Keyword..., read: @escaping @Sendable (inout LineReader) throws(Finding) -> Located<ClassCriterion>
        ) -> Statement<ClassMapDraft> {
            let head: [Keyword] = isNegated ? ["match", "not"] : ["match"]
            return Statement(words: head + words, opensBlock: false) { line, map throws(Finding) in
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
            statement("any") { line throws(Finding) in Located(value: .any, range: line.wordsRange) },
            statement("access-group", "name") { line throws(Finding) in
                let name = try line.name("an access list")
                return Located(value: .accessGroup(name.value), range: name.range)
            },
            statement("dscp", read: dscp),
            statement("ip", "dscp", read: dscp),
            statement("precedence") { line throws(Finding) in
                Located(value: .precedence(try eights("a precedence", &line)), range: line.wordsRange)
            },
            statement("mpls", "experimental", "topmost") { line throws(Finding) in
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

/// The statements of a `policy-map` block and of the classes in it.
enum PolicyMapStatements {
    static let table = StatementTable<PolicyMapDraft>([
        .block("class") { line, map throws(Finding) in
            let name = try line.name("a class map, or class-default")
            if map.classes[name.value] == nil {
                map.classes[name.value] = PolicyClassDraft()
                map.classOrder.append(name)
            }
            return .policyClass(policyMap: map.name, className: name.value)
        }
    ])

    static let classTable = StatementTable<PolicyClassDraft>([
        .line("police", "cir") { line, policyClass throws(Finding) in
            try line.assign(&policyClass.policer, try PolicerGrammar.read(&line))
        },
        .line("set", "dscp", read: setDSCP),
        .line("set", "ip", "dscp", read: setDSCP),
        .line("set", "precedence") { line, policyClass throws(Finding) in
            let precedence: UInt8 = try line.number("a precedence", in: 0...7)
            try line.assign(&policyClass.markedDSCP, precedence << 3)
        },
        .line("set", "dscp", "mpls", "experimental", "table") { line, policyClass throws(Finding) in
            try assign(line.name("a table map"), to: &policyClass.dscpTable, line)
        },
        .line("set", "mpls", "experimental", "imposition", "dscp", "table") { line, policyClass throws(Finding) in
            try assign(line.name("a table map"), to: &policyClass.trafficClassTable, line)
        },
        .line("set", "mpls", "experimental", "imposition") { line, policyClass throws(Finding) in
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

    /// Keeps the place of the name: it is the name that may turn out to be unknown.
    private static func assign(
        _ name: Located<String>, to setting: inout Located<String>?, _ line: LineReader
    ) throws(Finding) {
        if let earlier = setting, earlier.value != name.value { throw line.contradiction(of: earlier.range) }
        setting = setting ?? name
    }

    @Sendable
    private static func setDSCP(_ line: inout LineReader, _ policyClass: inout PolicyClassDraft) throws(Finding) {
        try line.assign(&policyClass.markedDSCP, line.dscp())
    }
}
