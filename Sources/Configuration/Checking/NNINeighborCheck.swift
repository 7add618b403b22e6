import Addressing

/// A neighbor of Option B, C or E is in another AS and on the subnet of an NNI of the same option; the neighbors that VRFs name are
/// such neighbors.
struct NNINeighborCheck: ConfigurationCheck {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let vrfs: [String: VRFDraft]
    private let bgp: BGPDraft
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.interfaces.filter { $0.draft.nniLine != nil }
        vrfs = text.draft.vrfs
        bgp = text.draft.bgp
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        let ownAddresses = Set(interfaces.flatMap { $0.draft.addresses.map(\.value.address) })
        let isBGPDamaged =
            damaged.contains(.bgp) || damaged.contains(.bgpRouteTargets)
            || SessionFamily.allCases.contains { $0.isSignalling && damaged.contains(.bgpSignalling($0)) }
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
            guard let (option, line) = option(of: peer, group) else {
                warnIfWithoutPolicy(peer, group, isInternal: isInternal || remoteAS == nil)
                continue
            }
            if isInternal, let remoteAS { reportInternal(option, at: remoteAS.range) }
            // Said on the neighbor's own line, since a group's may serve others that are well placed.
            let place = self.line(option, of: peer) ?? peer.membership?.range ?? line
            checkFamilies(of: peer, group, address, option)
            if option == .optionC { warnIfWithoutPolicy(peer, group, isInternal: isInternal) }
            if ownAddresses.contains(address) {
                report(.neighborIsSelf, "\(address) is the box's own address", at: place)
            } else {
                checkNNI(of: address, option, at: place)
            }
        }
        checkNamedNeighbors(isBGPDamaged: isBGPDamaged)
    }

    // MARK: What a neighbor is

    /// The option of a neighbor and the line that says it. One that is said to be of both is reported.
    private func option(of peer: PeerDraft, _ group: PeerDraft?) -> (NNIOption, SourceRange)? {
        let lines = NNIOption.allCases.compactMap { option in
            (line(option, of: peer) ?? group.flatMap { line(option, of: $0) }).map { (option, $0) }
        }.sorted { $0.1.line < $1.1.line }
        if lines.count > 1 {
            report(
                .conflictingStatement,
                "a neighbor is of one option: line \(lines[0].1.line) says '\(lines[0].0.rawValue)'", at: lines[1].1,
                hint: "keep one of the two lines")
        }
        return lines.first
    }

    private func line(_ option: NNIOption, of peer: PeerDraft) -> SourceRange? {
        SessionFamily.allCases.lazy.compactMap { family in
            peer.families[family]?.line(option)
        }.first
    }

    private func reportInternal(_ option: NNIOption, at range: SourceRange) {
        let code: DiagnosticCode =
            switch option {
            case .optionE: .internalOptionE
            case .optionB: .internalOptionB
            case .optionC: .internalOptionC
            }
        report(
            code, "\(Self.article(option)) neighbor is in another AS", at: range,
            hint:
                "the AS of 'router bgp' is its own: a route whose AS path does not begin with the neighbor's AS "
                + "would count as withdrawn")
    }

    /// With its article.
    private static func article(_ option: NNIOption) -> String {
        switch option {
        case .optionE: "an Option E"
        case .optionB: "an Option B"
        case .optionC: "an Option C"
        }
    }

    private func checkFamilies(of peer: PeerDraft, _ group: PeerDraft?, _ address: IPAddress, _ option: NNIOption) {
        let (family, routes, block): (SessionFamily, String, String) =
            option == .optionC
            ? (.ipv4LabeledUnicast, "labelled IPv4", "ipv4 labeled-unicast") : (.vpnv4, "VPN-IPv4", "vpnv4")
        let own = peer.families[family]?.line(option)
        guard address.family == .ipv6, let line = own ?? group?.families[family]?.line(option) else { return }
        report(
            .notSupported, "\(routes) routes need an IPv4 session", at: own ?? peer.membership?.range ?? line,
            hint: "say '\(option.rawValue)' in 'address-family \(block)' for a neighbor with an IPv4 address")
    }

    private func checkNNI(of address: IPAddress, _ option: NNIOption, at place: SourceRange) {
        let nni = interfaces.first { $0.draft.addresses.contains { $0.value.subnet.contains(address) } }
        guard let nni else { return reportOffNNI(address, option, at: place) }
        // One that is said to be several is reported at itself.
        let said = NNIOption.allCases.filter { nni.draft.line($0) != nil }
        guard said.count == 1, said[0] != option, let other = nni.draft.line(said[0]) else { return }
        let words = said[0].rawValue
        report(
            .optionMismatch, "\(address) is on \(nni.name), which line \(other.line) says is 'encap mpls \(words)'",
            at: place, hint: "say '\(words)' here, or 'encap mpls \(option.rawValue)' there")
    }

    private func reportOffNNI(_ address: IPAddress, _ option: NNIOption, at range: SourceRange) {
        let isNNIDamaged = damaged.contains {
            if case .interface = $0 { true } else { false }
        }
        guard !isNNIDamaged else { return }
        report(
            .neighborOffNNI, "\(address) is on the subnet of no NNI", at: range,
            hint:
                "\(Self.article(option)) neighbor is at the other end of an interface with 'encap mpls \(option.rawValue)'"
        )
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

    // MARK: What VRFs name

    private func checkNamedNeighbors(isBGPDamaged: Bool) {
        guard !isBGPDamaged else { return }
        for vrf in vrfs.values {
            for neighbor in vrf.neighbors { checkNamed(neighbor, .optionE, .neighborNotOptionE) }
            for neighbor in vrf.relayNeighbors { checkNamed(neighbor, .optionB, .neighborNotOptionB) }
            for draft in vrf.circuitNeighbors { checkNamed(draft.neighbor, .optionE, .neighborNotOptionE) }
        }
    }

    private func checkNamed(_ neighbor: Located<IPAddress>, _ option: NNIOption, _ code: DiagnosticCode) {
        guard let peer = bgp.peers[.neighbor(NeighborName(address: neighbor.value))] else {
            report(
                .undefinedNeighbor, "there is no neighbor \(neighbor.value)", at: neighbor.range,
                hint: "define it with 'neighbor \(neighbor.value) remote-as ASN' in 'router bgp'")
            return
        }
        guard line(option, of: peer) == nil, bgp.group(of: peer).flatMap({ line(option, of: $0) }) == nil else {
            return
        }
        let article = option == .optionE ? "Option E" : "Option B"
        report(
            code, "neighbor \(neighbor.value) is no \(article) neighbor", at: neighbor.range,
            hint: "say 'neighbor \(neighbor.value) \(option.rawValue)' in 'address-family vpnv4' or 'vpnv6'")
    }
}
