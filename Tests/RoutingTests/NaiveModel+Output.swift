import Addressing
import BGP
import Routing

/// What neighbors are to have once everything is confirmed and sent.
extension NaiveModel {
    /// What a label of a route leads to: the best alone, whatever shares packets with it.
    private func bestAction(of choice: Choice, _ vrf: VRFInputs) -> ForwardingAction {
        switch choice {
        case .own(let action, _): action
        case .learnt(let route, _): action(of: route, vrf)
        }
    }

    /// What the label means that a route of a VRF has at a neighbor.
    func meaning(_ choice: Choice, _ prefix: IPPrefix, of vrf: VRFInputs, at neighbor: NeighborInputs) -> LabelSubject {
        let isRelayNeighbor =
            neighbor.families.values.contains { $0.role == .optionB } && vrf.circuitGateways[neighbor.peer] == nil
        switch isRelayNeighbor ? vrf.labelMode : .perVRF {
        case .perVRF:
            return vrf.circuitGateways[neighbor.peer] == nil ? .vrf(vrf.identity) : .vrfOnCircuit(vrf.identity)
        case .perPrefix: return .prefix(vrf.identity, prefix)
        case .perNextHop: break
        }
        switch bestAction(of: choice, vrf) {
        case .gateway(let circuit, let address):
            let name = vrf.circuitAddresses.first { $0.number == circuit }?.circuit ?? "\(circuit)"
            return .nextHop(vrf.identity, prefix.family, .gateway(circuit: name, address))
        case .labelled(let peer, let label, let outer):
            guard let identity = inputs.neighbors[peer]?.identity else { return .vrf(vrf.identity) }
            let target = SwapTarget(way: .neighbor(identity), labels: [outer, label].compactMap { $0 })
            return .nextHop(vrf.identity, prefix.family, .labelled(target))
        default: return .vrf(vrf.identity)
        }
    }

    /// Where the label leads that each route has at a neighbor; `nil`: into its VRF.
    func ways(to neighbor: PeerAddress, labels: [LabelOwner: MPLSLabel]) -> [VPNPrefix: VRFWay?] {
        let sent = sent(to: neighbor, labels: labels)
        guard let settings = inputs.neighbors[neighbor] else { return [:] }
        var ways: [VPNPrefix: VRFWay?] = [:]
        for vrf in inputs.vrfs.values {
            for (prefix, choice) in choices(of: vrf) {
                let key = VPNPrefix(routeDistinguisher: vrf.routeDistinguisher, prefix: prefix)
                guard sent[key] != nil else { continue }
                let action = bestAction(of: choice, vrf)
                if vrf.servesCarrier, swapTarget(of: choice, in: vrf) != nil { continue }
                switch meaning(choice, prefix, of: vrf, at: settings) {
                case .vrf, .vrfOnCircuit: continue
                default: break
                }
                switch action {
                case .gateway, .labelled, .overCore: ways[key] = VRFWay(family: prefix.family, action: action)
                default: ways[key] = .some(nil)
                }
            }
        }
        return ways
    }

    /// Who has the common label of a VRF there, or has the one before it until it may be said.
    private func commonOwner(
        of vrf: VRFInputs, _ label: CommonLabel, at neighbor: NeighborIdentity, _ labels: [LabelOwner: MPLSLabel]
    ) -> LabelOwner? {
        let owner = LabelOwner(.common(vrf.identity, label), neighbor: neighbor)
        if labels[owner] != nil { return owner }
        return labels.keys.filter {
            $0.vrf == vrf.identity && $0.neighbor == neighbor && $0.subject.commonLabel != nil
        }.max()
    }

    /// What a neighbor on an NNI is to have.
    func sent(to neighbor: PeerAddress, labels: [LabelOwner: MPLSLabel]) -> [VPNPrefix: Owner.Sent] {
        guard let session = sessions[neighbor], let settings = inputs.neighbors[neighbor] else { return [:] }
        var sent: [VPNPrefix: Owner.Sent] = [:]
        for vrf in inputs.vrfs.values where vrf.eligibleNeighbors.contains(neighbor) {
            guard let identity = settings.identity else { continue }
            for (prefix, choice) in choices(of: vrf) {
                var owner = LabelOwner(meaning(choice, prefix, of: vrf, at: settings), neighbor: identity)
                // Its common label where it may have that.
                if case .vrf = owner.subject, let label = vrf.commonLabel {
                    owner = commonOwner(of: vrf, label, at: identity, labels) ?? owner
                }
                guard let label = labels[owner] else { continue }
                let key = VPNPrefix(routeDistinguisher: vrf.routeDistinguisher, prefix: prefix)
                let family = Self.family(of: .vpn(key))
                guard vrf.circuitGateways[neighbor].map({ $0[prefix.family] != nil }) ?? true,
                    session.families.contains(family), let ofFamily = settings.families[family],
                    [.optionE, .optionB].contains(ofFamily.role), permits(ofFamily.exportFilter, prefix),
                    permits(vrf.exportFilters[prefix.family], prefix),
                    isGiven(choice, of: vrf, to: neighbor, withoutTransit: vrf.allowsTransit),
                    let attributes = attributes(choice, prefix, vrf, settings, ofFamily)
                else { continue }
                sent[key] = Owner.Sent(attributes: attributes, label: label)
            }
        }
        return sent
    }

    /// What a customer is to have.
    func sentUnicast(to neighbor: PeerAddress) -> [IPPrefix: PathAttributes] {
        guard let session = sessions[neighbor], let settings = inputs.neighbors[neighbor],
            let vrf = inputs.vrfs.values.first(where: { $0.number == neighbor.vrf })
        else { return [:] }
        var sent: [IPPrefix: PathAttributes] = [:]
        for (family, ofFamily) in settings.families
        where session.families.contains(family) && ofFamily.role == .customer
            && vrf.families.contains(family.addressFamily)
            && (nextHop(family, settings).address.family == family.addressFamily
                || (family == .ipv4 && session.extendedNextHops))
        {
            let hasPolicy = ofFamily.exportFilter != nil || ofFamily.exportPolicy != nil
            for (prefix, choice) in choices(of: vrf) where prefix.family == family.addressFamily && hasPolicy {
                guard permits(ofFamily.exportFilter, prefix),
                    isGiven(choice, of: vrf, to: neighbor, withoutTransit: true)
                else { continue }
                sent[prefix] = attributes(choice, prefix, vrf, settings, ofFamily)
            }
            guard ofFamily.originatesDefault else { continue }
            var contents = PathAttributes.Contents(
                origin: .incomplete, asPath: ASPath(sequence: [inputs.autonomousSystem]))
            contents.nextHop = nextHop(family, settings)
            sent[.everything(family.addressFamily)] = PathAttributes(contents)
        }
        return sent
    }

    /// - Parameter withoutTransit: whether routes of Option E neighbors may go, too.
    func isGiven(
        _ choice: Choice, of vrf: VRFInputs, to neighbor: PeerAddress, withoutTransit: Bool
    ) -> Bool {
        guard case .learnt(let route, _) = choice else { return true }
        let site = inputs.neighbors[neighbor]?.families.first {
            $0.key.addressFamily == route.prefix.family
        }?.value.siteOfOrigin
        return route.neighbor != neighbor && (route.neighbor.vrf != nil || withoutTransit)
            && !route.attributes.communities.contains(.noExport)
            && site.map { !route.attributes.extendedCommunities.contains($0) } ?? true
    }

    func attributes(
        _ choice: Choice, _ prefix: IPPrefix, _ vrf: VRFInputs, _ neighbor: NeighborInputs,
        _ settings: NeighborInputs.Family
    ) -> PathAttributes? {
        var basis = PathAttributes.Contents(origin: .incomplete)
        switch choice {
        case .own(_, let source):
            guard let source, vrf.redistributed[prefix.family]?.contains(source) == true else { return nil }
        case .learnt(let route, _):
            basis.origin = route.attributes.origin
            basis.asPath = route.attributes.asPath
            basis.communities = route.attributes.communities
            // Sites of origin and nothing else.
            basis.extendedCommunities = route.attributes.extendedCommunities.filter { $0.rawValue >> 48 == 3 }
        }
        let ofVRF = neighbor.peer.vrf == nil ? vrf.exportPolicies[prefix.family] : nil
        guard let exported = RandomRoutePolicy.attributes(basis, to: prefix, behind: ofVRF),
            var contents = RandomRoutePolicy.attributes(exported, to: prefix, behind: settings.exportPolicy)
        else { return nil }
        contents.localPreference = nil
        let path = contents.asPath.segments.flatMap(\.autonomousSystems).map {
            settings.overridesSystem && $0 == neighbor.remoteAutonomousSystem ? inputs.autonomousSystem : $0
        }
        contents.asPath = ASPath(sequence: [inputs.autonomousSystem] + path)
        if neighbor.peer.vrf == nil {
            contents.nextHop = nextHop(prefix.family == .ipv4 ? .vpnv4 : .vpnv6, neighbor)
            contents.extendedCommunities += targets(of: vrf, on: neighbor.peer, \.exportTargets, \.exported)
                .sorted().map { ExtendedCommunity($0) }
        } else {
            contents.nextHop = nextHop(prefix.family == .ipv4 ? .ipv4 : .ipv6, neighbor)
            contents.extendedCommunities = []
        }
        return PathAttributes(contents)
    }

    private func nextHop(_ family: SessionFamily, _ neighbor: NeighborInputs) -> BGPNextHop {
        if family == .vpnv6, case .ipv4(let own) = neighbor.localAddress {
            return BGPNextHop(.ipv6(IPv6Address(mapping: own)))
        }
        let onCircuit = neighbor.circuit?.addresses.map(\.address) ?? []
        return BGPNextHop(
            onCircuit.first { $0.family == family.addressFamily && !$0.isLinkLocal } ?? neighbor.localAddress)
    }
}
