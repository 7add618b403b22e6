import Addressing

/// What `neighbor A.B.C.D` or `neighbor GROUP` says in an address family of any kind.
enum NeighborFamilyStatements {
    static func activation(_ family: SessionFamily, rank: Int) -> Statement<PeerDraft> {
        .line(
            "activate", help: "the family is offered", example: "activate",
            prints: .line("activate", rank: rank) { $0.settings.families[family]?.isActivated == true }
        ) { line, peer throws(Finding) in
            peer.families[family, default: PeerFamilyDraft()].activation = line.wordsRange
        }
    }

    static func all(_ family: SessionFamily) -> [Statement<PeerDraft>] { policies(family) + ofExternalPeers(family) }

    /// Which routes are taken and given, and how many.
    static func policies(_ family: SessionFamily) -> [Statement<PeerDraft>] {
        [
            PrefixListStatements.ofNeighbor(family),
            RouteMapPolicyStatements.ofNeighbor(family),
            maximum(family),
        ]
    }

    static func maximum(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "maximum-prefix", help: "the most routes of the family", example: "maximum-prefix 1000 80 restart 5",
            prints: .line { $0.settings.families[family]?.maximumPrefixes.map { "maximum-prefix \($0.statement)" } }
        ) { line, peer throws(Finding) in
            try line.assign(
                &peer.families[family, default: PeerFamilyDraft()].maximumPrefixes,
                line.maximum("prefixes", withRestart: true))
        }
    }

    private static func ofExternalPeers(_ family: SessionFamily) -> [Statement<PeerDraft>] {
        [
            .line(
                "as-override", help: "in paths towards it its AS is replaced by ours", example: "as-override",
                prints: .line("as-override") { $0.settings.families[family]?.overridesAS == true }
            ) { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].overridesAS = line.wordsRange
            },
            .line(
                "allowas-in", help: "how often our AS may stand in the path of its routes", example: "allowas-in 2",
                prints: .line { $0.settings.families[family]?.allowedOwnAS.map(allowedOwnAS) }
            ) { line, peer throws(Finding) in
                let count: UInt8 = line.isAtEnd ? BGPPeerFamily.usualAllowedOwnAS : try line.number("times", in: 1...10)
                try line.assign(&peer.families[family, default: PeerFamilyDraft()].allowedOwnAS, count)
            },
            .line(
                "soo", help: "the site of origin of its routes; what began there is not given to it",
                example: "soo 42:7", prints: .line { $0.settings.families[family]?.siteOfOrigin.map { "soo \($0)" } }
            ) { line, peer throws(Finding) in
                let token = try line.next("a site of origin, such as 42:7")
                guard let site = SiteOfOrigin(token.text) else {
                    throw line.invalid(token, expected: "a site of origin: ASN:number or A.B.C.D:number")
                }
                try line.assign(&peer.families[family, default: PeerFamilyDraft()].siteOfOrigin, site)
            },
        ]
    }

    @Sendable
    private static func allowedOwnAS(_ count: UInt8) -> String {
        count == BGPPeerFamily.usualAllowedOwnAS ? "allowas-in" : "allowas-in \(count)"
    }
}
