import Addressing

/// `ip community-list`, `ip large-community-list` and `ip as-path access-list`, an entry on each line.
enum RoutePolicyListStatements {
    static let global: [Statement<ConfigurationDraft>] =
        standardList(
            "community-list", of: "communities", example: "65001:100", named: "communities", read: communityList)
        + standardList(
            "large-community-list", of: "large communities", example: "65001:1:100", named: "communities",
            read: largeCommunityList)
        + standardList(
            "extcommunity-list", of: "route targets", example: "rt 42:1", named: "targets", read: extendedCommunityList)
        + [asPathList]

    /// A list whose entries name values: its two spellings, and the kind that has patterns instead and is not there.
    private static func standardList(
        _ keyword: Keyword, of values: String, example: String, named: String,
        read: @escaping @Sendable (inout LineReader, inout ConfigurationDraft) throws(Finding) -> Void
    ) -> [Statement<ConfigurationDraft>] {
        let list = keyword.spelling
        let canonical = "ip \(list) standard customers seq 5 permit \(example)"
        return [
            .line(
                "ip", keyword, "standard", help: "an entry of a list of \(values)", example: canonical,
                prints: .inOrder,
                read: read),
            .line(
                "ip", keyword, help: "likewise", example: "ip \(list) customers seq 5 permit \(example)",
                prints: .like(canonical), read: read),
            .refused("ip", keyword, "expanded", hint: "name the \(named): 'ip \(list) standard NAME'"),
        ]
    }

    private static let asPathList: Statement<ConfigurationDraft> =
        .line(
            "ip", "as-path", "access-list", help: "an entry of a list of AS paths, by regular expression",
            example: "ip as-path access-list customers seq 5 permit ^65001(_65001)*$", prints: .inOrder
        ) { line, draft throws(Finding) in
            try entry(&line, "an AS path list", &draft.asPathLists) { line throws(Finding) in try pattern(&line) }
        }

    @Sendable
    private static func communityList(
        _ line: inout LineReader, _ draft: inout ConfigurationDraft
    ) throws(Finding) {
        try entry(&line, "a community list", &draft.communityLists) { line throws(Finding) in
            var communities: Set<Community> = []
            repeat { communities.insert(try line.community()) } while !line.isAtEnd
            return communities
        }
    }

    @Sendable
    private static func largeCommunityList(
        _ line: inout LineReader, _ draft: inout ConfigurationDraft
    ) throws(Finding) {
        try entry(&line, "a large community list", &draft.largeCommunityLists) { line throws(Finding) in
            var communities: Set<LargeCommunity> = []
            repeat { communities.insert(try line.largeCommunity()) } while !line.isAtEnd
            return communities
        }
    }

    @Sendable
    private static func extendedCommunityList(
        _ line: inout LineReader, _ draft: inout ConfigurationDraft
    ) throws(Finding) {
        try entry(&line, "an extended community list", &draft.extendedCommunityLists) { line throws(Finding) in
            var targets: Set<RouteTarget> = []
            repeat {
                try line.expect("rt")
                targets.insert(try line.routeTarget())
            } while !line.isAtEnd
            return targets
        }
    }

    /// The rest of the line; what is wrong in it is reported at its character.
    private static func pattern(_ line: inout LineReader) throws(Finding) -> ASPathPattern {
        let start = line.position
        let text = try line.freeText("a regular expression")
        do {
            return try ASPathPattern(text)
        } catch {
            let token = line.tokens[start]
            let offset = token.octets.lowerBound + (token.isQuoted ? 1 : 0) + min(error.offset, text.utf8.count)
            throw Finding(
                .invalidValue, "invalid regular expression '\(text)'",
                at: SourceRange(line: line.number, octets: offset..<offset + 1), expected: [error.expected])
        }
    }

    private static func entry<Value>(
        _ line: inout LineReader, _ meaning: String, _ lists: inout [String: RoutePolicyListDraft<Value>],
        _ read: (inout LineReader) throws(Finding) -> Value
    ) throws(Finding) {
        let name = try line.name(meaning).value
        var list = lists[name] ?? RoutePolicyListDraft()
        let sequence = try line.sequence(behind: list.entries.keys.max())
        let permits = try line.choose(["permit": true, "deny": false])
        let value = try read(&line)
        if let earlier = list.entries[sequence] {
            throw Finding(
                .duplicateSequence,
                "list '\(name)' has the sequence number \(sequence) already, on line \(earlier.range.line)",
                at: line.wordsRange, hint: "give one of the two another number")
        }
        list.entries[sequence] = Located(
            value: RoutePolicyList<Value>.Entry(sequence: sequence, permits: permits, value: value),
            range: line.wordsRange)
        lists[name] = list
    }
}

extension LineReader {
    /// `AS:value`, or the name of a well-known one.
    mutating func community() throws(Finding) -> Community {
        let token = try next("a community, such as 65001:100")
        if !token.isQuoted, let known = Community.names.first(where: { $0.name == token.folded }) {
            return known.community
        }
        guard let community = Community(token.text) else {
            throw invalid(
                token, expected: "a community: AS:value, each up to 65535",
                Community.names.map(\.name).joined(separator: ", "))
        }
        return community
    }

    mutating func largeCommunity() throws(Finding) -> LargeCommunity {
        let token = try next("a large community, such as 65001:1:100")
        guard let community = LargeCommunity(token.text) else {
            throw invalid(token, expected: "a large community: AS:value:value")
        }
        return community
    }

    mutating func routeTarget() throws(Finding) -> RouteTarget {
        let token = try next("a route target, such as 42:1")
        guard let target = RouteTarget(token.text) else {
            throw invalid(token, expected: "a route target: ASN:number or A.B.C.D:number")
        }
        return target
    }
}

extension Community {
    /// The well-known ones that are called by name.
    fileprivate static let names: [(name: String, community: Community)] = [
        ("no-export", .noExport), ("no-advertise", .noAdvertise), ("local-as", .noExportSubconfederation),
        ("graceful-shutdown", .gracefulShutdown),
    ]

    /// As it is written in a configuration.
    var configured: String { Self.names.first { $0.community == self }?.name ?? description }
}

extension Set<Community> {
    var configured: String { sorted { $0.rawValue < $1.rawValue }.map(\.configured).joined(separator: " ") }
}

extension Set<LargeCommunity> {
    var configured: String { sorted().map(\.description).joined(separator: " ") }
}

extension Configuration {
    /// Each entry of a list is a line of its own at the top level.
    var routePolicyListSections: [ConfigurationSection] {
        sections("ip community-list standard", communityLists, \.configured)
            + sections("ip large-community-list standard", largeCommunityLists, \.configured)
            + sections("ip extcommunity-list standard", extendedCommunityLists) { targets in
                targets.sorted().map { "rt \($0)" }.joined(separator: " ")
            }
            + sections("ip as-path access-list", asPathLists) { printed(freeText: $0.text) }
    }

    private func sections<Value>(
        _ words: String, _ lists: [String: RoutePolicyList<Value>], _ text: (Value) -> String
    ) -> [ConfigurationSection] {
        lists.values.sorted { $0.name < $1.name }.flatMap { list in
            list.entries.map { entry in
                ConfigurationSection(
                    "\(words) \(list.name) seq \(entry.sequence) \(entry.permits ? "permit" : "deny") "
                        + text(entry.value))
            }
        }
    }
}
