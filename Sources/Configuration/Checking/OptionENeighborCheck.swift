import Addressing

/// An Option E neighbor is in another AS and on an NNI's subnet; the neighbors that VRFs name are such neighbors.
struct OptionENeighborCheck: ConfigurationCheck {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let vrfs: [String: VRFDraft]
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.interfaces
        vrfs = text.draft.vrfs
        bgp = text.draft.bgp
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        let nniAddresses = interfaces.filter { $0.draft.optionE != nil }.flatMap { $0.draft.addresses.map(\.value) }
        let ownAddresses = Set(nniAddresses.map(\.address))
        let isBGPDamaged =
            damaged.contains(.bgp)
            || AddressFamily.allCases.contains {
                damaged.contains(.bgpVPN($0)) || damaged.contains(.bgpLabeledUnicast($0))
            }
        for (key, peer) in bgp.allPeers {
            guard case .neighbor(let name) = key, name.vrf == nil else { continue }
            let address = name.address
            let group = bgp.group(of: peer)
            let remoteAS = peer.remoteAS ?? group?.remoteAS
            if remoteAS == nil, peer.groupDefinition == nil, !isBGPDamaged {
                report(
                    .missingRemoteAS, "neighbor \(address) has no AS number", at: peer.firstMention,
                    hint: "add 'neighbor \(address) remote-as ASN'")
            }
            let isInternal = remoteAS != nil && remoteAS?.value == bgp.autonomousSystem?.value
            guard let optionE = optionE(of: peer) ?? group.flatMap(optionE(of:)) else {
                warnIfWithoutPolicy(peer, group, isInternal: isInternal || remoteAS == nil)
                continue
            }
            if isInternal, let remoteAS {
                report(
                    .internalOptionE, "an Option E neighbor is in another AS", at: remoteAS.range,
                    hint:
                        "the AS of 'router bgp' is its own: a route whose AS path does not begin with the neighbor's AS "
                        + "would count as withdrawn")
            }
            // Said on the neighbor's own line, since a group's may serve others that are well placed.
            let place = self.optionE(of: peer) ?? peer.membership?.range ?? optionE
            let ipv4Routes = peer.families[.vpnv4]?.optionE ?? group?.families[.vpnv4]?.optionE
            if address.family == .ipv6, let ipv4Routes {
                report(
                    .notSupported, "VPN-IPv4 routes need an IPv4 session",
                    at: peer.families[.vpnv4]?.optionE ?? peer.membership?.range ?? ipv4Routes,
                    hint: "say 'optE' in 'address-family vpnv4' for a neighbor with an IPv4 address")
            }
            if ownAddresses.contains(address) {
                report(.neighborIsSelf, "\(address) is the box's own address", at: place)
            } else if !nniAddresses.contains(where: { $0.subnet.contains(address) }) {
                reportOffNNI(address, at: place)
            }
        }
        checkNamedNeighbors(isBGPDamaged: isBGPDamaged)
    }

    private func optionE(of peer: PeerDraft) -> SourceRange? {
        SessionFamily.allCases.lazy.compactMap { peer.families[$0]?.optionE }.first
    }

    private func reportOffNNI(_ address: IPAddress, at range: SourceRange) {
        let isNNIDamaged = damaged.contains {
            if case .interface = $0 { true } else { false }
        }
        guard !isNNIDamaged else { return }
        report(
            .neighborOffNNI, "\(address) is on the subnet of no NNI", at: range,
            hint: "an Option E neighbor is at the other end of an interface with 'encap mpls optE'")
    }

    /// RFC 8212: without a policy an external session carries nothing.
    private func warnIfWithoutPolicy(_ peer: PeerDraft, _ group: PeerDraft?, isInternal: Bool) {
        guard !isInternal else { return }
        for family in SessionFamily.allCases where family.isVPN {
            guard let activation = peer.families[family]?.activation ?? group?.families[family]?.activation else {
                continue
            }
            report(
                .activatedWithoutPolicy, "nothing will cross: an external session needs a policy", at: activation,
                hint: "'optE' instead of 'activate' is such a policy")
        }
    }

    private func checkNamedNeighbors(isBGPDamaged: Bool) {
        guard !isBGPDamaged else { return }
        for vrf in vrfs.values {
            for neighbor in vrf.neighbors {
                guard let peer = bgp.peers[.neighbor(NeighborName(address: neighbor.value))] else {
                    report(
                        .undefinedNeighbor, "there is no neighbor \(neighbor.value)", at: neighbor.range,
                        hint: "define it with 'neighbor \(neighbor.value) remote-as ASN' in 'router bgp'")
                    continue
                }
                let group = bgp.group(of: peer)
                guard optionE(of: peer) == nil, group.flatMap(optionE(of:)) == nil else { continue }
                report(
                    .neighborNotOptionE, "neighbor \(neighbor.value) is no Option E neighbor", at: neighbor.range,
                    hint: "say 'neighbor \(neighbor.value) optE' in 'address-family vpnv4' or 'vpnv6'")
            }
        }
    }
}
