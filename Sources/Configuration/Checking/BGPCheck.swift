import Addressing

extension ConfigurationChecker {
    /// Peer groups and VRFs that are named exist, and every neighbor has an AS.
    mutating func checkBGP() {
        guard let autonomousSystem = draft.bgp.autonomousSystem else { return }
        record(.bgp, at: autonomousSystem.range)
        var bgp = BGPConfiguration(autonomousSystem: autonomousSystem.value)
        bgp.routerID = draft.bgp.routerID?.value
        if draft.bgp.isGracefulRestartOn?.value == false { bgp.gracefulRestart = nil }
        if let seconds = draft.bgp.restartTimeSeconds?.value { bgp.gracefulRestart?.restartTimeSeconds = seconds }
        if let seconds = draft.bgp.stalePathSeconds?.value { bgp.gracefulRestart?.stalePathSeconds = seconds }
        bgp.endsSessionsWithLink = draft.bgp.endsSessionsWithLink?.value ?? true
        bgp.keepsRoutesWithoutImport = draft.bgp.keepsRoutesWithoutImport
        for (key, peer) in draft.bgp.peers.sorted(by: { $0.value.firstMention.line < $1.value.firstMention.line }) {
            switch key {
            case .group(let name):
                record(.peerGroup(name), at: peer.groupDefinition ?? peer.firstMention)
                checkGroup(peer, name)
                bgp.peerGroups[name] = BGPPeerGroup(name: name, settings: settings(of: peer, key))
            case .address(let address):
                record(.neighbor(address), at: peer.firstMention)
                checkMembership(peer, address)
                checkHoldTime(of: peer)
                bgp.neighbors[address] = BGPNeighbor(
                    address: address, peerGroup: peer.membership?.value, settings: settings(of: peer, key))
            }
        }
        for (key, family) in draft.bgp.vrfFamilies.sorted(by: { $0.key < $1.key }) {
            record(.vrfFamily(key), at: family.declared)
            if draft.vrfs[key.vrf] == nil {
                reportUndefinedVRF(key.vrf, at: family.vrf)
            } else {
                checkFamily(key.family, isCarriedBy: key.vrf, at: family.vrf)
            }
            bgp.vrfFamilies[key] = family.redistribution
        }
        configuration.bgp = bgp
    }

    private mutating func checkGroup(_ group: PeerDraft, _ name: String) {
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
    private mutating func checkHoldTime(of peer: PeerDraft) {
        let group = peer.membership.flatMap { draft.bgp.peers[.group($0.value)] }
        guard let minimum = peer.minimumHoldSeconds ?? group?.minimumHoldSeconds else { return }
        let timers = peer.timers ?? group?.timers
        let hold = timers?.value.holdSeconds ?? BGPTimers.suggested.holdSeconds
        guard hold < minimum.value else { return }
        report(
            .impossibleTimers, "a hold time of \(hold) s is offered, and less than \(minimum.value) s is refused",
            at: timers?.range ?? minimum.range, hint: "the two sides use the smaller of the hold times they offer")
    }

    private mutating func checkMembership(_ neighbor: PeerDraft, _ address: IPAddress) {
        if let definition = neighbor.groupDefinition {
            report(
                .missingArgument, "a peer group has a name, not an address", at: definition,
                hint: "say 'neighbor \(address) peer-group NAME' to make it a member")
        }
        checkSourceAddresses(neighbor)
        guard let membership = neighbor.membership else { return }
        // A group that other lines are about is reported at those.
        if draft.bgp.peers[.group(membership.value)] == nil {
            reportUndefinedGroup(membership.value, at: membership.range)
        }
    }

    /// What the data plane holds for a neighbor, less the one that answers ARP or neighbor discovery.
    private static var mostSourceAddresses: Int { 7 }

    private mutating func checkSourceAddresses(_ neighbor: PeerDraft) {
        guard neighbor.sourceAddresses.count > Self.mostSourceAddresses else { return }
        report(
            .invalidValue, "a neighbor has at most \(Self.mostSourceAddresses) addresses of its own here",
            at: neighbor.sourceAddresses[Self.mostSourceAddresses].range,
            hint: "the one that it resolves to is valid without being said")
    }

    private mutating func reportUndefinedGroup(_ name: String, at range: SourceRange) {
        let defined = draft.bgp.peers.compactMap { key, peer -> String? in
            guard case .group(let name) = key, peer.groupDefinition != nil else { return nil }
            return name
        }
        reportUndefined(
            .undefinedPeerGroup, "peer group", name, at: range, defined: defined,
            definition: "neighbor \(name) peer-group")
    }

    /// `<hidden>` is the password that the base has for the same neighbor or group.
    private mutating func password(of peer: PeerDraft, _ key: PeerKey) -> String? {
        guard let password = peer.password, password.value == HiddenPassword.word else { return peer.password?.value }
        if let known = base?.password(at: key) { return known }
        report(
            .hiddenPassword, "the password is hidden, and there is none here that it could be", at: password.range,
            expected: ["the password itself"],
            hint: "\(HiddenPassword.word) stands for the one that the running configuration has at the same place")
        return nil
    }

    private mutating func settings(of peer: PeerDraft, _ key: PeerKey) -> BGPPeerSettings {
        var settings = BGPPeerSettings()
        settings.remoteAS = peer.remoteAS?.value
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
        settings.passedAttributes = peer.passedAttributes?.value
        settings.acceptsMartians = peer.acceptsMartians != nil
        settings.acceptsASSets = peer.acceptsASSets != nil
        settings.offersExtendedMessages = peer.offersExtendedMessages != nil
        settings.sourceAddresses = Set(peer.sourceAddresses.map(\.value))
        for (family, draft) in peer.families {
            var result = BGPPeerFamily()
            result.isOptionE = draft.optionE != nil
            result.isActivated = draft.activation != nil
            result.maximumPrefixes = draft.maximumPrefixes?.value
            result.prefixLists = draft.prefixLists.names
            settings.families[family] = result
        }
        return settings
    }
}
