import Addressing

/// Peer groups and VRFs that are named exist, and every neighbor has an AS.
struct BGPCheck: ConfigurationCheck {
    private let draft: BGPDraft
    private let vrfs: [String: VRFDraft]
    private let base: Configuration?
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        draft = text.draft.bgp
        vrfs = text.draft.vrfs
        base = text.base
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        guard let autonomousSystem = draft.autonomousSystem else { return }
        report.record(.bgp, at: autonomousSystem.range)
        var bgp = BGPConfiguration(autonomousSystem: autonomousSystem.value)
        bgp.routerID = draft.routerID?.value
        bgp.clusterID = draft.clusterID?.value
        if draft.isGracefulRestartOn?.value == false { bgp.gracefulRestart = nil }
        if let seconds = draft.restartTimeSeconds?.value { bgp.gracefulRestart?.restartTimeSeconds = seconds }
        if let seconds = draft.stalePathSeconds?.value { bgp.gracefulRestart?.stalePathSeconds = seconds }
        bgp.endsSessionsWithLink = draft.endsSessionsWithLink?.value ?? true
        bgp.keepsRoutesWithoutImport = draft.keepsRoutesWithoutImport
        bgp.relaxesMultipathASPath = draft.relaxesMultipathASPath
        for (key, peer) in draft.allPeers {
            switch key {
            case .group(let name):
                report.record(.peerGroup(name), at: peer.groupDefinition ?? peer.firstMention)
                checkGroup(peer, name)
                bgp.peerGroups[name] = BGPPeerGroup(name: name, settings: settings(of: peer, key))
            case .neighbor(let name):
                report.record(.neighbor(name), at: peer.firstMention)
                checkMembership(peer, name.address)
                checkHoldTime(of: peer)
                bgp.neighbors[name] = BGPNeighbor(
                    name: name, peerGroup: peer.membership?.value, settings: settings(of: peer, key))
            }
        }
        for (vrf, draft) in draft.vrfs.sorted(by: { $0.key < $1.key }) {
            for (family, draft) in draft.families.sorted(by: { $0.key < $1.key }) {
                let key = VRFFamily(vrf: vrf, family: family)
                report.record(.vrfFamily(key), at: draft.declared)
                if vrfs[vrf] == nil {
                    references.undefinedVRF(vrf, at: draft.vrf)
                } else {
                    references.check(family, isCarriedBy: vrf, at: draft.vrf)
                }
                checkMaximumPaths(of: draft)
                bgp.vrfFamilies[key] = draft.settings
            }
        }
        configuration.bgp = bgp
    }

    /// Paths of both kinds together have one limit, and then none has one of its own.
    private func checkMaximumPaths(of family: VRFFamilyDraft) {
        guard let mixed = family.mixedPaths, let other = family.externalPaths ?? family.internalPaths else { return }
        report(
            .conflictingStatement, "line \(other.range.line) has a limit for paths of one kind alone", at: mixed.range,
            hint: "'maximum-paths eibgp' holds for external and internal paths together")
    }

    private func checkGroup(_ group: PeerDraft, _ name: String) {
        if group.groupDefinition == nil {
            reportUndefinedGroup(name, at: group.firstMention)
        }
        if let membership = group.membership {
            report(
                .notSupported, "a peer group cannot be a member of another", at: membership.range,
                hint: "make the neighbors members")
        }
        if let address = group.sourceAddresses.first {
            report(
                .notSupported, "the members of a peer group have no Ethernet address in common", at: address.range,
                hint: "say 'neighbor A.B.C.D source-mac H.H.H' of the one that has it")
        }
    }

    /// What is offered is not below what is demanded.
    private func checkHoldTime(of peer: PeerDraft) {
        let group = draft.group(of: peer)
        guard let minimum = peer.minimumHoldSeconds ?? group?.minimumHoldSeconds else { return }
        let timers = peer.timers ?? group?.timers
        let hold = timers?.value.holdSeconds ?? BGPTimers.suggested.holdSeconds
        guard hold < minimum.value else { return }
        report(
            .impossibleTimers, "a hold time of \(hold) s is offered, and less than \(minimum.value) s is refused",
            at: timers?.range ?? minimum.range, hint: "the two sides use the smaller of the hold times they offer")
    }

    private func checkMembership(_ neighbor: PeerDraft, _ address: IPAddress) {
        if let definition = neighbor.groupDefinition {
            report(
                .missingArgument, "a peer group has a name, not an address", at: definition,
                hint: "say 'neighbor \(address) peer-group NAME' to make it a member")
        }
        checkSourceAddresses(neighbor)
        guard let membership = neighbor.membership else { return }
        // A group that other lines are about is reported at those.
        if draft.peers[.group(membership.value)] == nil {
            reportUndefinedGroup(membership.value, at: membership.range)
        }
    }

    /// What the data plane holds for a neighbor, less the one that answers ARP or neighbor discovery.
    private static var mostSourceAddresses: Int { 7 }

    private func checkSourceAddresses(_ neighbor: PeerDraft) {
        guard neighbor.sourceAddresses.count > Self.mostSourceAddresses else { return }
        report(
            .invalidValue, "a neighbor has at most \(Self.mostSourceAddresses) addresses of its own here",
            at: neighbor.sourceAddresses[Self.mostSourceAddresses].range,
            hint: "the one that it resolves to is valid without being said")
    }

    private func reportUndefinedGroup(_ name: String, at range: SourceRange) {
        let defined = draft.peers.compactMap { key, peer -> String? in
            guard case .group(let name) = key, peer.groupDefinition != nil else { return nil }
            return name
        }
        report.undefined(
            .undefinedPeerGroup, "peer group", name, at: range, defined: defined,
            definition: "neighbor \(name) peer-group")
    }

    /// `<hidden>` is the password that the base has for the same neighbor or group.
    private func password(of peer: PeerDraft, _ key: PeerKey) -> String? {
        guard let password = peer.password, password.value == HiddenPassword.word else { return peer.password?.value }
        if let known = base?.password(at: key) { return known }
        report(
            .hiddenPassword, "the password is hidden, and there is none here that it could be", at: password.range,
            expected: ["the password itself"],
            hint: "\(HiddenPassword.word) stands for the one that the running configuration has at the same place")
        return nil
    }

    private func settings(of peer: PeerDraft, _ key: PeerKey) -> BGPPeerSettings {
        var settings = BGPPeerSettings()
        settings.remoteAS = peer.remoteAS?.value
        settings.interface = peer.interface?.value
        settings.description = peer.description?.value
        settings.password = password(of: peer, key)
        settings.ttlSecurityHops = peer.ttlSecurityHops?.value
        settings.timers = peer.timers?.value
        settings.connectionMode = peer.connectionMode?.value
        settings.minimumHoldSeconds = peer.minimumHoldSeconds?.value
        settings.isShutdown = peer.shutdown != nil
        settings.shutdownMessage = peer.shutdownMessage?.value
        settings.maximumPrefixes = peer.maximumPrefixes?.value
        settings.attributeMemoryMebibytes = peer.attributeMemoryMebibytes?.value
        settings.maximumLabels = peer.maximumLabels?.value
        settings.isFromLoopback = peer.updateSource != nil
        settings.passedAttributes = peer.passedAttributes?.value
        settings.acceptsMartians = peer.acceptsMartians != nil
        settings.acceptsASSets = peer.acceptsASSets != nil
        settings.offersExtendedMessages = peer.offersExtendedMessages != nil
        settings.sourceAddresses = Set(peer.sourceAddresses.map(\.value))
        for (family, draft) in peer.families {
            var result = BGPPeerFamily()
            result.isOptionE = draft.optionE != nil
            result.isOptionB = draft.optionB != nil
            result.isOptionC = draft.optionC != nil
            result.relay = draft.relay.policy
            if case .neighbor(let name) = key, name.vrf != nil {
                result.isActivated = peer.activation(of: family.addressFamily, inVRFAt: name.address) != nil
            } else {
                result.isActivated = draft.activation != nil
            }
            result.maximumPrefixes = draft.maximumPrefixes?.value
            result.prefixLists = draft.prefixLists.names
            result.depthLists = draft.depthLists.mapValues(\.names)
            result.routeMaps = draft.routeMaps.names
            result.overridesAS = draft.overridesAS != nil
            result.allowedOwnAS = draft.allowedOwnAS?.value
            result.siteOfOrigin = draft.siteOfOrigin?.value
            result.originatesDefault = draft.originatesDefault != nil
            result.sendsLabels = draft.sendsLabels != nil
            result.isReflectorClient = draft.reflectorClient != nil
            result.isToldExplicitNull = draft.explicitNull != nil
            // Whom the session is with may be said where nothing is said of the family.
            if result != BGPPeerFamily() { settings.families[family] = result }
        }
        return settings
    }
}
