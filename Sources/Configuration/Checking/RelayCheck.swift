import Addressing

/// Without route targets nothing is relayed, and what is said of relaying holds for Option B neighbors and for those of the own
/// network. Warnings, said only of a text that has no errors.
struct RelayCheck: ConfigurationCheck {
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        bgp = text.draft.bgp
        damaged = text.draft.damaged
        self.report = report
    }

    func check(_ configuration: inout Configuration) {
        guard damaged.isEmpty, !report.hasErrors else { return }
        for (key, peer) in bgp.allPeers {
            guard case .neighbor(let name) = key, name.vrf == nil,
                let session = configuration.bgp?.session(with: name)
            else { continue }
            let isInternal = session.remoteAS == configuration.bgp?.autonomousSystem
            for family in SessionFamily.allCases where family.isLabeledUnicast {
                checkLabelled(family, peer, session)
            }
            for family in SessionFamily.allCases where family.isVPN || family.isSignalling {
                let settings = session.families[family]
                if let settings, settings.isOptionB {
                    warnIfWithoutTargets(settings.relay, peer, family)
                } else if !isInternal || settings == nil, let place = peer.families[family]?.relay.place {
                    report(
                        .relayWithoutEffect,
                        "no routes are relayed from or to \(name.address), which is no Option B neighbor in this family",
                        at: place, hint: "say 'neighbor \(name.address) optB', or leave out the line")
                } else if isInternal, let place = peer.families[family]?.relay.transit {
                    report(
                        .relayWithoutEffect,
                        "\(name.address) is on no NNI: what is relayed goes to it and comes from it",
                        at: place, hint: "leave out 'transit'")
                }
            }
        }
    }

    /// Option C (RFC 8212: without a prefix list nothing goes in or out), and lines that are for it alone.
    private func checkLabelled(_ family: SessionFamily, _ peer: PeerDraft, _ session: BGPSession) {
        let draft = peer.families[family]
        guard let settings = session.families[family], settings.isOptionC else {
            let deep = draft?.depthLists.sorted { $0.key < $1.key }.flatMap(\.value.all).first?.range
            if let place = draft?.relay.transit ?? deep {
                report(
                    .relayWithoutEffect,
                    "\(session.address) is no Option C neighbor in this family: the line changes nothing", at: place,
                    hint: "say 'neighbor \(session.address) optC', or leave out the line")
            }
            return
        }
        let lists = settings.listsByDepth.map(\.lists)
        let missing = [
            lists.contains { $0.imported != nil } ? nil : "in", lists.contains { $0.exported != nil } ? nil : "out",
        ].compactMap { $0 }
        let place = draft?.optionC ?? peer.membership?.range ?? peer.firstMention
        if !missing.isEmpty {
            let directions = missing.joined(separator: " and ")
            report(
                .labelledWithoutList, "nothing goes \(directions): no prefix list says which loopbacks do", at: place,
                hint: "add " + missing.map { "'prefix-list NAME \($0)'" }.joined(separator: " and ")
                    + " of this neighbor")
        }
        if let line = draft?.explicitNull {
            report(
                .lineWithoutEffect, "an Option C neighbor is told labels of its own, never a null", at: line,
                hint: "leave out 'explicit-null'")
        }
    }

    private func warnIfWithoutTargets(_ relay: RelayPolicy, _ peer: PeerDraft, _ family: SessionFamily) {
        guard relay.imported.isEmpty, relay.exported.isEmpty else { return }
        report(
            .relayWithoutTargets, "nothing is relayed: no route target is listed",
            at: peer.families[family]?.optionB ?? peer.membership?.range ?? peer.firstMention,
            hint: "add 'route-target import' and 'route-target export' of this neighbor")
    }
}
