import Addressing

/// Neighbors in the own AS have an address of the box's own to be reached from, and they alone are reflected to.
struct InternalNeighborCheck: ConfigurationCheck {
    private let bgp: BGPDraft
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        bgp = text.draft.bgp
    }

    func check(_ configuration: inout Configuration) {
        let index = configuration.index
        let hasCore = configuration.interfaces.values.contains { if case .core = $0.kind { true } else { false } }
        for (key, peer) in bgp.allPeers {
            guard case .neighbor(let name) = key, name.vrf == nil,
                let session = configuration.bgp?.session(with: name)
            else { continue }
            let source = peer.updateSource ?? bgp.group(of: peer)?.updateSource
            let isInternal = session.remoteAS == configuration.bgp?.autonomousSystem
            if let source, !isInternal {
                report(
                    .updateSourceWithoutEffect,
                    "\(name.address) is in another AS: its session is from the NNI's address", at: source,
                    hint: "leave out 'update-source'")
            } else if isInternal, source != nil || hasCore,
                index.localAddress(towardsInternal: session) == nil
            {
                let family = name.address.family == .ipv4 ? "IPv4" : "IPv6"
                report(
                    .internalWithoutLoopback,
                    session.isFromLoopback
                        ? "the loopback has no \(family) address" : "\(name.address) is on no core interface's subnet",
                    at: source ?? peer.firstMention,
                    hint: session.isFromLoopback
                        ? "add it to 'interface loopback0'"
                        : "say 'neighbor \(name.address) update-source loopback0'")
            }
            if !isInternal, let client = reflectorClient(peer) ?? bgp.group(of: peer).flatMap(reflectorClient) {
                report(
                    .externalReflectorClient,
                    "\(name.address) is in another AS: routes are reflected inside the own one",
                    at: client, hint: "leave out 'route-reflector-client'")
            }
            for (family, routes) in [(SessionFamily.vpnv4, "VPN-IPv4"), (.ipv4LabeledUnicast, "labelled IPv4")] {
                guard isInternal, hasCore, name.address.family == .ipv6, let place = activation(of: family, peer) else {
                    continue
                }
                report(
                    .notSupported, "\(routes) routes need an IPv4 session", at: place,
                    hint: "activate the family for a neighbor with an IPv4 address")
            }
            checkRouteTargets(of: peer, name.address, session, isInternal: isInternal)
            guard !isInternal else { continue }
            checkSignalling(of: peer, name.address)
            for family in SessionFamily.allCases where family.isLabeledUnicast {
                guard let place = activation(of: family, peer) else { continue }
                report(
                    .externalLabeledUnicast, "\(name.address) is in another AS: it says nothing of the ways to our PEs",
                    at: place,
                    hint: "say 'optC' instead, or activate the family for routers of the own network alone")
            }
        }
    }

    /// Which VPN routes are wanted is said where VPN routes of the own network are exchanged.
    private func checkRouteTargets(
        of peer: PeerDraft, _ address: IPAddress, _ session: BGPSession, isInternal: Bool
    ) {
        guard let place = activation(of: .routeTargets, peer) else { return }
        if !isInternal {
            let system = (peer.remoteAS ?? bgp.group(of: peer)?.remoteAS)?.range.line
            report(
                .externalRouteTargets,
                "\(address) is in another AS" + (system.map { " (line \($0))" } ?? "")
                    + ": route targets limit what is exchanged in the own network",
                at: place, hint: "activate the family for reflectors and PEs of the own network alone")
        } else if !session.families.keys.contains(where: \.isVPN) {
            report(
                .routeTargetsWithoutVPN,
                "\(address) (line \(peer.firstMention.line)) exchanges no VPN routes that route targets could limit",
                at: place, hint: "activate it in 'address-family vpnv4' or 'address-family vpnv6' as well")
        }
    }

    /// MVPN and EVPN routes are exchanged with another operator by Option B alone (RFC 8212: not without a policy).
    private func checkSignalling(of peer: PeerDraft, _ address: IPAddress) {
        for family in SessionFamily.allCases where family.isSignalling {
            let optionB = peer.families[family]?.optionB ?? bgp.group(of: peer)?.families[family]?.optionB
            guard optionB == nil, let place = activation(of: family, peer) else { continue }
            let system = (peer.remoteAS ?? bgp.group(of: peer)?.remoteAS)?.range.line
            report(
                .externalSignalling,
                "\(address) is in another AS" + (system.map { " (line \($0))" } ?? "")
                    + ": '\(family.rawValue)' routes are relayed to it by route targets, or not at all",
                at: place, hint: "say 'optB' instead, with 'route-target import' and 'route-target export'")
        }
    }

    private func reflectorClient(_ peer: PeerDraft) -> SourceRange? {
        SessionFamily.allCases.lazy.compactMap { peer.families[$0]?.reflectorClient }.first
    }

    private func activation(of family: SessionFamily, _ peer: PeerDraft) -> SourceRange? {
        peer.families[family]?.activation ?? bgp.group(of: peer)?.families[family]?.activation
    }
}
