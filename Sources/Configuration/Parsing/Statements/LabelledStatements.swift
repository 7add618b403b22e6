import Addressing

/// What `neighbor A.B.C.D` or `neighbor GROUP` says of labelled unicast with another operator: Option C (RFC 4364 §10 c).
enum LabelledStatements {
    static func all(_ family: SessionFamily) -> [Statement<PeerDraft>] {
        [
            .line(
                "optC", help: "the ways to PEs are exchanged with it, those alone that its prefix lists have",
                example: "optC", prints: .line("optC", rank: 2) { $0.settings.families[family]?.isOptionC == true }
            ) { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].optionC = line.wordsRange
            },
            .line(
                "prefix-list",
                help:
                    "which routes are taken or given; with depth, how many labels may come by those of its prefixes (2)",
                example: "prefix-list office in depth 1",
                prints: .lines(rank: 6) { lines($0.settings.families[family]) }
            ) { line, peer throws(Finding) in
                try attach(&line, &peer.families[family, default: PeerFamilyDraft()])
            },
            .line(
                "transit", help: "routes pass between it and the other neighbors on NNIs that say the same",
                example: "transit",
                prints: .line("transit") { $0.settings.families[family]?.relay.allowsTransit == true }
            ) { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].relay.transit = line.wordsRange
            },
        ]
    }

    /// `NAME in|out [depth N]`.
    private static func attach(_ line: inout LineReader, _ family: inout PeerFamilyDraft) throws(Finding) {
        let name = try line.name("a prefix list")
        let isImported = try line.choose(["in": true, "out": false])
        let depth =
            line.take("depth")
            ? try line.choose(["1": LabelledDepth.one, "2": .two, "4": .four]) : .two
        var names = depth == .two ? family.prefixLists : family.depthLists[depth] ?? PolicyNamesDraft()
        if isImported {
            try line.assign(&names.imported, name)
        } else {
            try line.assign(&names.exported, name)
        }
        if depth == .two { family.prefixLists = names } else { family.depthLists[depth] = names }
    }

    @Sendable
    private static func lines(_ family: BGPPeerFamily?) -> [String] {
        PrefixListStatements.lines("prefix-list", family?.prefixLists)
            + (family?.depthLists ?? [:]).sorted { $0.key < $1.key }.flatMap { depth, names in
                PrefixListStatements.lines("prefix-list", names).map { "\($0) depth \(depth.rawValue)" }
            }
    }
}
