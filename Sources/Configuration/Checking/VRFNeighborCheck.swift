import Addressing

/// A BGP neighbor in a VRF is in another AS and on the subnet of one of the VRF's circuits.
struct VRFNeighborCheck: ConfigurationCheck {
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
        guard bgp.vrfs.values.contains(where: { !$0.peers.isEmpty }) else { return }
        var addresses: [String: [InterfaceAddress]] = [:]
        var linksOfIPv6: [String: Set<InterfaceName>] = [:]
        for (name, interface) in interfaces {
            guard interface.nniLine == nil, let vrf = interface.vrf else { continue }
            addresses[vrf.value, default: []] += interface.addresses.map(\.value)
            if !interface.ipv6Addresses.isEmpty { linksOfIPv6[vrf.value, default: []].insert(name) }
        }
        for (key, peer) in bgp.allPeers {
            guard case .neighbor(let name) = key, let vrf = name.vrf else { continue }
            checkAS(of: peer, name.address, inVRF: vrf)
            // A VRF that is not there is reported at its block.
            if vrfs[vrf] != nil {
                if name.address.isLinkLocal {
                    checkLink(of: peer, name.address, inVRF: vrf, among: linksOfIPv6[vrf] ?? [])
                } else {
                    checkPlace(of: peer, name.address, inVRF: vrf, among: addresses[vrf] ?? [])
                }
            }
            warnIfWithoutPolicy(peer, name.address)
        }
    }

    private func checkAS(of peer: PeerDraft, _ address: IPAddress, inVRF vrf: String) {
        guard let remoteAS = peer.remoteAS ?? bgp.group(of: peer)?.remoteAS else {
            let blocks = [.bgp] + AddressFamily.allCases.map { Mode.bgpVRF(VRFFamily(vrf: vrf, family: $0)) }
            guard peer.groupDefinition == nil, damaged.isDisjoint(with: blocks) else { return }
            report(
                .missingRemoteAS, "neighbor \(address) in VRF '\(vrf)' has no AS number", at: peer.firstMention,
                hint: "add 'neighbor \(address) remote-as ASN'")
            return
        }
        guard remoteAS.value == bgp.autonomousSystem?.value else { return }
        report(
            .internalNeighbor, "neighbor \(address) in VRF '\(vrf)' is in the AS of this box",
            at: peer.remoteAS?.range ?? peer.membership?.range ?? remoteAS.range,
            hint: "sessions in a VRF are external: internal ones are not supported there")
    }

    /// Every link has all link-local addresses.
    private func checkLink(
        of peer: PeerDraft, _ address: IPAddress, inVRF vrf: String, among links: Set<InterfaceName>
    ) {
        guard !damaged.contains(where: { if case .interface = $0 { true } else { false } }) else { return }
        guard let link = peer.interface else {
            report(
                .neighborOffCircuit, "\(address) can be on every circuit of VRF '\(vrf)'", at: peer.firstMention,
                hint: "say 'neighbor \(address) interface NAME'")
            return
        }
        guard !links.contains(link.value) else { return }
        report(
            .neighborOffCircuit, "\(link.value) is no circuit of VRF '\(vrf)' that has an IPv6 address", at: link.range,
            hint: "a neighbor in a VRF is at the other end of an interface with 'vrf definition \(vrf)'")
    }

    private func checkPlace(
        of peer: PeerDraft, _ address: IPAddress, inVRF vrf: String, among circuits: [InterfaceAddress]
    ) {
        if let link = peer.interface {
            report(
                .lineWithoutEffect, "\(address) is on the circuit whose subnet holds it", at: link.range,
                hint: "leave out 'interface', which is for link-local addresses")
        }
        let own = circuits.map(\.address) + (vrfs[vrf]?.loopbacks.values.map(\.value) ?? [])
        if own.contains(address) {
            report(
                .neighborIsSelf, "\(address) is the box's own address in VRF '\(vrf)'", at: peer.firstMention)
        } else if !circuits.contains(where: { $0.subnet.contains(address) }) {
            let isInterfaceDamaged = damaged.contains { if case .interface = $0 { true } else { false } }
            guard !isInterfaceDamaged else { return }
            report(
                .neighborOffCircuit, "\(address) is on the subnet of no circuit of VRF '\(vrf)'", at: peer.firstMention,
                hint: "a neighbor in a VRF is at the other end of an interface with 'vrf definition \(vrf)'")
        }
    }

    /// RFC 8212: without a policy an external session carries nothing. What a group says of VPN families is none here.
    private func warnIfWithoutPolicy(_ peer: PeerDraft, _ address: IPAddress) {
        for family in AddressFamily.allCases {
            guard let activation = peer.activation(of: family, inVRFAt: address) else { continue }
            let draft = peer.families[SessionFamily(unicast: family)] ?? PeerFamilyDraft()
            let accepts = draft.prefixLists.imported != nil || draft.routeMaps.imported != nil
            let advertises = draft.prefixLists.exported != nil || draft.routeMaps.exported != nil
            guard !accepts || !advertises else { continue }
            let what = accepts ? "advertised to" : advertises ? "accepted from" : "accepted from or advertised to"
            let direction = accepts ? "out" : advertises ? "in" : "in|out"
            report(
                .neighborWithoutPolicy,
                "no \(family == .ipv4 ? "IPv4" : "IPv6") route is \(what) \(address) without a policy (RFC 8212)",
                at: activation,
                hint: "say 'neighbor \(address) prefix-list NAME \(direction)' or 'route-map NAME \(direction)' "
                    + "in this address family")
        }
    }
}
