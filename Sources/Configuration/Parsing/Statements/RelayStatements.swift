import Addressing

/// What `neighbor A.B.C.D` or `neighbor GROUP` says of routes that go on without a VRF: Option B (RFC 4364 §10 b).
enum RelayStatements {
    /// MVPN and EVPN routes are of no prefixes.
    static func all(_ family: SessionFamily) -> [Statement<PeerDraft>] {
        routes(family) + (family.isSignalling ? [] : [labelPerPrefix(family)]) + [transit(family)]
            + (family.isSignalling && family != .evpn ? [segmentation(family)] : [])
    }

    private static func routes(_ family: SessionFamily) -> [Statement<PeerDraft>] {
        [
            .line(
                "optB",
                help: "routes are relayed without a VRF, those alone that have one of the targets that are listed",
                example: "optB", prints: .line("optB", rank: 2) { $0.settings.families[family]?.isOptionB == true }
            ) { line, peer throws(Finding) in
                peer.families[family, default: PeerFamilyDraft()].optionB = line.wordsRange
            },
            .line(
                "route-target", "import",
                help: "its routes with this target may go on; they get the one behind 'as' instead of it",
                example: "route-target import 65001:7 as 42:7",
                prints: .lines { lines("import", $0.settings.families[family]?.relay.imported) }
            ) { line, peer throws(Finding) in
                try rewrite(&line, &peer.families[family, default: PeerFamilyDraft()].relay.imported)
            },
            .line(
                "route-target", "export",
                help: "it is given routes with this target; they get the one behind 'as' instead of it",
                example: "route-target export 42:7 as 65001:7",
                prints: .lines { lines("export", $0.settings.families[family]?.relay.exported) }
            ) { line, peer throws(Finding) in
                try rewrite(&line, &peer.families[family, default: PeerFamilyDraft()].relay.exported)
            },
            .line(
                "rd", help: "a route distinguisher of the own network that its routes may have", example: "rd 42:7",
                prints: .lines {
                    ($0.settings.families[family]?.relay.routeDistinguishers ?? []).sorted().map { "rd \($0)" }
                }
            ) { line, peer throws(Finding) in
                let token = try line.next("a route distinguisher, such as 42:7")
                guard let value = RouteDistinguisher(token.text) else {
                    throw line.invalid(token, expected: "a route distinguisher: ASN:number or A.B.C.D:number")
                }
                peer.families[family, default: PeerFamilyDraft()].relay.distinguishers.append(
                    Located(value: value, range: line.wordsRange))
            },
        ]
    }

    private static func labelPerPrefix(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "label", "mode", "per-prefix",
            help: "each route that it is given has a label of its own, not one for all of a next hop and its label",
            example: "label mode per-prefix",
            prints: .line("label mode per-prefix") {
                $0.settings.families[family]?.relay.hasLabelPerPrefix == true
            }
        ) { line, peer throws(Finding) in
            peer.families[family, default: PeerFamilyDraft()].relay.labelPerPrefix = line.wordsRange
        }
    }

    private static func transit(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "transit", help: "routes pass between it and the other neighbors on NNIs that say the same",
            example: "transit",
            prints: .line("transit") { $0.settings.families[family]?.relay.allowsTransit == true }
        ) { line, peer throws(Finding) in
            peer.families[family, default: PeerFamilyDraft()].relay.transit = line.wordsRange
        }
    }

    private static func segmentation(_ family: SessionFamily) -> Statement<PeerDraft> {
        .line(
            "segmentation",
            help: "MVPN: a tunnel by ingress replication that asks for leaves ends here: one copy crosses for all",
            example: "segmentation",
            prints: .line("segmentation") { $0.settings.families[family]?.relay.isSegmented == true }
        ) { line, peer throws(Finding) in
            peer.families[family, default: PeerFamilyDraft()].relay.segmentation = line.wordsRange
        }
    }

    @Sendable
    private static func lines(_ direction: String, _ targets: [RouteTarget: RouteTarget]?) -> [String] {
        (targets ?? [:]).sorted { $0.key < $1.key }.map { target, new in
            "route-target \(direction) \(target)" + (new == target ? "" : " as \(new)")
        }
    }

    private static func rewrite(
        _ line: inout LineReader, _ targets: inout [RouteTarget: Located<RouteTarget>]
    ) throws(Finding) {
        let target = try self.target(&line)
        let new = line.take("as") ? try self.target(&line) : target
        try line.assign(&targets[target], Located(value: new, range: line.wordsRange))
    }

    private static func target(_ line: inout LineReader) throws(Finding) -> RouteTarget {
        let token = try line.next("a route target, such as 65001:7")
        guard let target = RouteTarget(token.text) else {
            throw line.invalid(token, expected: "a route target: ASN:number or A.B.C.D:number")
        }
        return target
    }
}
