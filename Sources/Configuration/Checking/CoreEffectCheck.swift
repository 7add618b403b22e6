import Addressing

/// Lines about reflection and labels in the operator's own network that are right and change nothing. Warnings, said only of
/// a text that has no errors, and not where ``EffectCheck`` has said why nothing is exchanged at all.
struct CoreEffectCheck: ConfigurationCheck {
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        bgp = text.draft.bgp
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        guard damaged.isEmpty, !report.hasErrors, let model = configuration.bgp else { return }
        let hasCore = configuration.interfaces.values.contains { if case .core = $0.kind { true } else { false } }
        let exchanging = model.sessions(inVRF: nil).filter {
            hasCore && $0.remoteAS == model.autonomousSystem && !$0.families.isEmpty
        }
        for (key, peer) in bgp.allPeers {
            let sessions = exchanging.filter { concerns(key, $0, model) }
            guard !sessions.isEmpty else { continue }
            for (family, draft) in peer.families.sorted(by: { $0.key < $1.key }) {
                if let range = draft.reflectorClient { warnOfClient(family, sessions, exchanging, at: range) }
                if let range = draft.explicitNull {
                    warnOfExplicitNull(family, sessions, configuration.loopback, at: range)
                }
            }
        }
        warnOfCluster(exchanging)
    }

    /// Whether lines about a neighbor or a group are about the session.
    private func concerns(_ key: PeerKey, _ session: BGPSession, _ model: BGPConfiguration) -> Bool {
        switch key {
        case .neighbor(let name): name == session.name
        case .group(let name): model.neighbors[session.name]?.peerGroup == name
        }
    }

    private func warnOfClient(
        _ family: SessionFamily, _ sessions: [BGPSession], _ exchanging: [BGPSession], at range: SourceRange
    ) {
        let clients = sessions.filter { $0.families[family] != nil }
        guard let client = clients.first else { return warnOfInactive(sessions[0], at: range) }
        let isAlone = !exchanging.contains { $0.families[family] != nil && $0.name != client.name }
        guard isAlone else { return }
        report(
            .lineWithoutEffect,
            "\(client.address) is the only neighbor of the own network in this family: nothing is reflected", at: range,
            hint: "activate the family for those whose routes it is to have, or leave the line out")
    }

    private func warnOfExplicitNull(
        _ family: SessionFamily, _ sessions: [BGPSession], _ loopback: Loopback?, at range: SourceRange
    ) {
        guard sessions.contains(where: { $0.families[family] != nil }) else {
            return warnOfInactive(sessions[0], at: range)
        }
        guard loopback?.addresses[family.addressFamily] == nil else { return }
        let name = family.addressFamily == .ipv4 ? "IPv4" : "IPv6"
        report(
            .lineWithoutEffect, "the loopback has no \(name) address that could be told with a label", at: range,
            hint: "add it to 'interface loopback0', or leave the line out")
    }

    private func warnOfInactive(_ session: BGPSession, at range: SourceRange) {
        report(
            .lineWithoutEffect, "the family is not active for \(session.address): the line changes nothing", at: range,
            hint: "say 'neighbor \(session.address) activate' beside it, or leave the line out")
    }

    private func warnOfCluster(_ exchanging: [BGPSession]) {
        guard let cluster = bgp.clusterID,
            !exchanging.contains(where: { $0.families.values.contains(where: \.isReflectorClient) })
        else { return }
        report(
            .lineWithoutEffect, "no neighbor of the own network is a 'route-reflector-client': there is no cluster",
            at: cluster.range, hint: "leave out 'bgp cluster-id', or say whom this box reflects routes to")
    }
}
