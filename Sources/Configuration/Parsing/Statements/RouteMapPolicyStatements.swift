import Addressing

/// What an entry of a route map says about routes of BGP.
enum RouteMapPolicyStatements {
    static let match: [Statement<RouteMapEntryDraft>] = [
        .line(
            "match", "ip", "address", "prefix-list", help: "an IPv4 route that one of these prefix lists permits",
            example: "match ip address prefix-list office", prints: .line(rank: 1) { prefixLists($0, .ipv4) }
        ) { line, entry throws(Finding) in
            _ = try names("a prefix list", &line, &entry.policy.prefixLists[.ipv4, default: []])
            entry.policy.note(line)
        },
        .line(
            "match", "ipv6", "address", "prefix-list", help: "an IPv6 route that one of these prefix lists permits",
            example: "match ipv6 address prefix-list office", prints: .line(rank: 1) { prefixLists($0, .ipv6) }
        ) { line, entry throws(Finding) in
            _ = try names("a prefix list", &line, &entry.policy.prefixLists[.ipv6, default: []])
            entry.policy.note(line)
        },
        .line(
            "match", "community", help: "a route whose communities one of these lists permits",
            example: "match community customers exact-match",
            prints: .line(rank: 1) { entry in
                lists("community", entry.policy.communityLists, exactly: entry.policy.matchesCommunitiesExactly)
            }
        ) { line, entry throws(Finding) in
            let isExact = try names("a community list", &line, &entry.policy.communityLists, exactly: "exact-match")
            try line.assign(&entry.policy.matchesCommunitiesExactly, isExact)
            entry.policy.note(line)
        },
        .line(
            "match", "large-community", help: "a route whose large communities one of these lists permits",
            example: "match large-community customers exact-match",
            prints: .line(rank: 1) { entry in
                lists(
                    "large-community", entry.policy.largeCommunityLists,
                    exactly: entry.policy.matchesLargeCommunitiesExactly)
            }
        ) { line, entry throws(Finding) in
            let isExact = try names(
                "a large community list", &line, &entry.policy.largeCommunityLists, exactly: "exact-match")
            try line.assign(&entry.policy.matchesLargeCommunitiesExactly, isExact)
            entry.policy.note(line)
        },
        .line(
            "match", "as-path", help: "a route whose AS path one of these lists permits",
            example: "match as-path customers",
            prints: .line(rank: 1) { lists("as-path", $0.policy.asPathLists, exactly: false) }
        ) { line, entry throws(Finding) in
            _ = try names("an AS path list", &line, &entry.policy.asPathLists)
            entry.policy.note(line)
        },
        .line(
            "match", "extcommunity", help: "a route whose route targets one of these lists permits",
            example: "match extcommunity customers",
            prints: .line(rank: 1) { lists("extcommunity", $0.policy.extendedCommunityLists, exactly: false) }
        ) { line, entry throws(Finding) in
            _ = try names("an extended community list", &line, &entry.policy.extendedCommunityLists)
            entry.policy.note(line)
        },
    ]

    static let set: [Statement<RouteMapEntryDraft>] = [
        .line(
            "set", "comm-list", help: "communities that the list permits are taken away",
            example: "set comm-list customers delete",
            prints: .line { $0.policy.deletedCommunities.map { "set comm-list \($0) delete" } }
        ) { line, entry throws(Finding) in
            let name = try line.name("a community list")
            try line.expect("delete")
            try line.assign(&entry.policy.deletedCommunities, name)
            entry.policy.noteSet(line)
        },
        .line(
            "set", "community", help: "its communities, or with additive more of them; none: it leaves without",
            example: "set community 65001:100 no-export additive",
            prints: .line { $0.policy.communities.map { line("community", $0.values.configured, $0.isAdditive) } }
        ) { line, entry throws(Finding) in
            let communities = try communities(&line) { line throws(Finding) in try line.community() }
            try line.assign(&entry.policy.communities, communities)
            entry.policy.noteSet(line)
        },
        .line(
            "set", "large-community", help: "the same for large communities",
            example: "set large-community 65001:1:100 additive",
            prints: .line {
                $0.policy.largeCommunities.map { line("large-community", $0.values.configured, $0.isAdditive) }
            }
        ) { line, entry throws(Finding) in
            let communities = try communities(&line) { line throws(Finding) in try line.largeCommunity() }
            try line.assign(&entry.policy.largeCommunities, communities)
            entry.policy.noteSet(line)
        },
        .line(
            "set", "extcommunity", "rt",
            help: "in a VRF's export map: the route targets that it leaves with, or with additive more of them",
            example: "set extcommunity rt 42:1 42:2 additive",
            prints: .line { entry in
                entry.policy.routeTargets.map { targets in
                    line(
                        "extcommunity rt", targets.values.sorted().map(\.description).joined(separator: " "),
                        targets.isAdditive)
                }
            }
        ) { line, entry throws(Finding) in
            var targets: Set<RouteTarget> = []
            var isAdditive = false
            repeat {
                targets.insert(try line.routeTarget())
                isAdditive = line.take("additive")
            } while !isAdditive && !line.isAtEnd
            try line.assign(
                &entry.policy.routeTargets, RouteMapPolicy.Communities(targets, isAdditive: isAdditive))
            entry.policy.noteSet(line)
        },
        .line(
            "set", "local-preference", help: "its preference here, where the highest wins; 100 without it",
            example: "set local-preference 200",
            prints: .line { $0.policy.localPreference.map { "set local-preference \($0)" } }
        ) { line, entry throws(Finding) in
            try line.assign(&entry.policy.localPreference, line.number("a preference", in: 0...UInt32.max))
            entry.policy.noteSet(line)
        },
        .line(
            "set", "metric", help: "its multi-exit discriminator", example: "set metric 50",
            prints: .line { $0.policy.metric.map { "set metric \($0)" } }
        ) { line, entry throws(Finding) in
            try line.assign(&entry.policy.metric, line.number("a metric", in: 0...UInt32.max))
            entry.policy.noteSet(line)
        },
        .line(
            "set", "as-path", "prepend", help: "AS numbers in front of its path", example: "set as-path prepend 42 42",
            prints: .line { entry in
                let systems = entry.policy.prependedSystems.map(String.init).joined(separator: " ")
                return systems.isEmpty ? nil : "set as-path prepend \(systems)"
            }
        ) { line, entry throws(Finding) in
            var systems: [UInt32] = []
            repeat {
                guard systems.count < RouteMapPolicy.mostPrependedSystems else {
                    throw line.invalid(
                        line.tokens[line.position],
                        expected: "at most \(RouteMapPolicy.mostPrependedSystems) AS numbers")
                }
                systems.append(try line.autonomousSystem())
            } while !line.isAtEnd
            try line.assign(&entry.policy.prependedSystems, systems)
            entry.policy.noteSet(line)
        },
    ]

    /// `import|export route-map [ipv4|ipv6] NAME` in `ip vrf`.
    static let ofVRF: [Statement<VRFDraft>] = [
        .line(
            "import", "route-map",
            help:
                "which routes of NNIs and the core the VRF takes, and with what attributes; without a family: of both",
            example: "import route-map customers", prints: .lines(rank: 9) { lines($0) }
        ) { line, vrf throws(Finding) in try attach(&line, &vrf, \.imported) },
        .line(
            "export", "route-map",
            help: "which routes it gives to NNIs and the core, and with what attributes; without a family: of both",
            example: "export route-map customers", prints: .like("export route-map customers")
        ) { line, vrf throws(Finding) in try attach(&line, &vrf, \.exported) },
    ]

    private static func attach(
        _ line: inout LineReader, _ vrf: inout VRFDraft,
        _ direction: WritableKeyPath<PolicyNamesDraft, Located<String>?>
    ) throws(Finding) {
        var families = AddressFamily.allCases
        // What stands alone is the name, also of a map that is called as a family is.
        if line.position + 1 < line.tokens.count {
            families = [try line.choose(["ipv4": AddressFamily.ipv4, "ipv6": .ipv6])]
        }
        let name = try line.name("a route map")
        for family in families {
            try line.assign(&vrf.routeMaps[family, default: PolicyNamesDraft()][keyPath: direction], name)
        }
    }

    /// Those of both statements; one line where both families have the same map.
    private static func lines(_ vrf: VRF) -> [String] {
        let ipv4 = vrf.routeMaps[.ipv4]
        let ipv6 = vrf.routeMaps[.ipv6]
        return lines("import", ipv4?.imported, ipv6?.imported) + lines("export", ipv4?.exported, ipv6?.exported)
    }

    private static func lines(_ word: String, _ ipv4: String?, _ ipv6: String?) -> [String] {
        if let ipv4, ipv4 == ipv6 { return ["\(word) route-map \(ipv4)"] }
        return [
            ipv4.map { "\(word) route-map ipv4 \($0)" }, ipv6.map { "\(word) route-map ipv6 \($0)" },
        ].compactMap { $0 }
    }

    /// `route-map NAME in|out` behind `neighbor X`.
    static func ofNeighbor(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "route-map", help: "which routes are taken from or given to the neighbor, and with what attributes",
            example: "route-map customers in",
            prints: .lines(rank: 6) {
                PrefixListStatements.lines("route-map", $0.settings.families[family]?.routeMaps)
            }
        ) { line, peer throws(Finding) in
            try PrefixListStatements.attach(
                "a route map", &line, &peer.families[family, default: PeerFamilyDraft()].routeMaps)
        }
    }

    private static func prefixLists(_ entry: RouteMapEntry, _ family: AddressFamily) -> String? {
        entry.policy.prefixLists[family].map {
            "match \(family.prefixWord) address prefix-list " + $0.joined(separator: " ")
        }
    }

    private static func lists(_ kind: String, _ names: [String], exactly: Bool) -> String? {
        names.isEmpty ? nil : "match \(kind) " + names.joined(separator: " ") + (exactly ? " exact-match" : "")
    }

    private static func line(_ kind: String, _ communities: String, _ isAdditive: Bool) -> String {
        "set \(kind) \(communities.isEmpty ? "none" : communities)\(isAdditive ? " additive" : "")"
    }

    /// One or more names, behind those of earlier lines; whether the keyword stands behind them.
    private static func names(
        _ meaning: String, _ line: inout LineReader, _ names: inout [Located<String>], exactly keyword: Keyword? = nil
    ) throws(Finding) -> Bool {
        repeat {
            let name = try line.name(meaning)
            if !names.contains(where: { $0.value == name.value }) { names.append(name) }
            if let keyword, line.take(keyword) { return true }
        } while !line.isAtEnd
        return false
    }

    /// `none`, or one or more with `additive` behind them.
    private static func communities<Value>(
        _ line: inout LineReader, _ read: (inout LineReader) throws(Finding) -> Value
    ) throws(Finding) -> RouteMapPolicy.Communities<Value> {
        if line.take("none") { return RouteMapPolicy.Communities([]) }
        var values: Set<Value> = []
        repeat {
            values.insert(try read(&line))
            if line.take("additive") { return RouteMapPolicy.Communities(values, isAdditive: true) }
        } while !line.isAtEnd
        return RouteMapPolicy.Communities(values)
    }
}

extension RouteMapPolicyDraft {
    /// A line about routes has been read.
    fileprivate mutating func note(_ line: LineReader) { firstLine = firstLine ?? line.wordsRange }

    fileprivate mutating func noteSet(_ line: LineReader) {
        firstSet = firstSet ?? line.wordsRange
        note(line)
    }
}
