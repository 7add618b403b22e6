import Addressing

/// `ip prefix-list NAME [seq N] permit|deny P/L [ge N] [le N]`, and what attaches a list.
enum PrefixListStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "ip", "prefix-list", help: "an entry of a prefix list",
            example: "ip prefix-list office seq 5 permit 10.0.0.0/8 le 24", prints: .inOrder
        ) { line, draft throws(Finding) in try entry(.ipv4, &line, &draft) },
        .line(
            "ipv6", "prefix-list", help: "an entry of an IPv6 prefix list",
            example: "ipv6 prefix-list office seq 5 permit 2001:db8::/32 le 48", prints: .inOrder
        ) { line, draft throws(Finding) in try entry(.ipv6, &line, &draft) },
    ]

    static let ofVRF: [Statement<VRFDraft>] = [
        .line(
            "import", "prefix-list", help: "which routes the VRF takes", example: "import prefix-list ipv4 office",
            prints: .lines(rank: 9) { $0.prefixLists.lines }
        ) { line, vrf throws(Finding) in
            let family = try line.choose(["ipv4": AddressFamily.ipv4, "ipv6": .ipv6])
            try line.assign(
                &vrf.prefixLists[family, default: PolicyNamesDraft()].imported, line.name("a prefix list"))
        },
        .line(
            "export", "prefix-list", help: "which routes it gives", example: "export prefix-list ipv4 office",
            prints: .like("export prefix-list ipv4 office")
        ) { line, vrf throws(Finding) in
            let family = try line.choose(["ipv4": AddressFamily.ipv4, "ipv6": .ipv6])
            try line.assign(
                &vrf.prefixLists[family, default: PolicyNamesDraft()].exported, line.name("a prefix list"))
        },
    ]

    /// `prefix-list NAME in|out` behind `neighbor X`.
    static func ofNeighbor(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "prefix-list", help: "which routes are taken from or given to the neighbor",
            example: "prefix-list office in",
            prints: .lines(rank: 6) { lines("prefix-list", $0.settings.families[family]?.prefixLists) }
        ) { line, peer throws(Finding) in
            try attach("a prefix list", &line, &peer.families[family, default: PeerFamilyDraft()].prefixLists)
        }
    }

    /// `NAME in|out`.
    static func attach(
        _ meaning: String, _ line: inout LineReader, _ names: inout PolicyNamesDraft
    ) throws(Finding) {
        let name = try line.name(meaning)
        if try line.choose(["in": true, "out": false]) {
            try line.assign(&names.imported, name)
        } else {
            try line.assign(&names.exported, name)
        }
    }

    /// What `attach` reads, behind its word.
    static func lines(_ word: String, _ names: PolicyNames?) -> [String] {
        [names?.imported.map { "\(word) \($0) in" }, names?.exported.map { "\(word) \($0) out" }].compactMap { $0 }
    }

    private static func entry(
        _ family: AddressFamily, _ line: inout LineReader, _ draft: inout ConfigurationDraft
    ) throws(Finding) {
        let name = try line.name("a prefix list").value
        let key = PrefixListKey(family: family, name: name)
        var list = draft.prefixLists[key] ?? PrefixListDraft(declared: line.wordsRange)
        let sequence = try line.sequence(behind: list.entries.keys.max())
        let permits = try line.choose(["permit": true, "deny": false])
        let prefix = try line.prefix(family: family).value
        var entry = PrefixListEntry(sequence: sequence, permits: permits, prefix: prefix)
        let longest: UInt8 = family == .ipv4 ? 32 : 128
        if line.take("ge") {
            entry.shortest = try line.number("the shortest length", in: prefix.length...longest)
        }
        if line.take("le") {
            entry.longest = try line.number(
                "the greatest length", in: (entry.shortest ?? prefix.length)...longest)
        }
        if let earlier = list.entries[sequence] {
            throw Finding(
                .duplicateSequence,
                "prefix list '\(name)' has the sequence number \(sequence) already, on line \(earlier.range.line)",
                at: line.wordsRange, hint: "give one of the two another number")
        }
        list.entries[sequence] = Located(value: entry, range: line.wordsRange)
        draft.prefixLists[key] = list
    }
}

extension [AddressFamily: PolicyNames] {
    /// The lines of an `ip vrf` block: both statements', family by family.
    fileprivate var lines: [String] {
        AddressFamily.allCases.flatMap { family -> [String] in
            guard let names = self[family] else { return [] }
            return [
                names.imported.map { "import prefix-list \(family.keyword) \($0)" },
                names.exported.map { "export prefix-list \(family.keyword) \($0)" },
            ].compactMap { $0 }
        }
    }
}

extension PrefixList {
    /// Each entry is a line of its own at the top level.
    var sections: [ConfigurationSection] {
        entries.map { entry in
            var line = "\(family.prefixWord) prefix-list \(name) seq \(entry.sequence) "
            line += "\(entry.permits ? "permit" : "deny") \(entry.prefix)"
            if let shortest = entry.shortest { line += " ge \(shortest)" }
            if let longest = entry.longest { line += " le \(longest)" }
            return ConfigurationSection(line)
        }
    }
}
