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
            for family in SessionFamily.allCases where family.isVPN {
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

    private func warnIfWithoutTargets(_ relay: RelayPolicy, _ peer: PeerDraft, _ family: SessionFamily) {
        guard relay.imported.isEmpty, relay.exported.isEmpty else { return }
        report(
            .relayWithoutTargets, "nothing is relayed: no route target is listed",
            at: peer.families[family]?.optionB ?? peer.membership?.range ?? peer.firstMention,
            hint: "add 'route-target import' and 'route-target export' of this neighbor")
    }
}
