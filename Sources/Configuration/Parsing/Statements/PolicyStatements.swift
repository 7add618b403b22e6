/// The statements of a `class-map` block.
enum ClassMapStatements {
    static let table = StatementTable<ClassMapDraft>([
        .line("match", "any") { line, map throws(Finding) in
            map.criteria.append(Located(value: .any, range: line.wordsRange))
        },
        .line("match", "access-group", "name") { line, map throws(Finding) in
            let name = try line.name("an access list")
            map.criteria.append(Located(value: .accessGroup(name.value), range: name.range))
        },
        .line("match", "dscp", read: dscp),
        .line("match", "ip", "dscp", read: dscp),
        .line("match", "mpls", "experimental", "topmost") { line, map throws(Finding) in
            var values: Set<UInt8> = []
            repeat { values.insert(try line.number("a traffic class", in: 0...7)) } while !line.isAtEnd
            map.criteria.append(Located(value: .mplsTrafficClass(values.sorted()), range: line.wordsRange))
        },
    ])

    @Sendable
    private static func dscp(_ line: inout LineReader, _ map: inout ClassMapDraft) throws(Finding) {
        var values: Set<UInt8> = []
        repeat { values.insert(try line.dscp()) } while !line.isAtEnd
        map.criteria.append(Located(value: .dscp(values.sorted()), range: line.wordsRange))
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

    @Sendable
    private static func setDSCP(_ line: inout LineReader, _ policyClass: inout PolicyClassDraft) throws(Finding) {
        try line.assign(&policyClass.markedDSCP, line.dscp())
    }
}
