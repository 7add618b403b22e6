import Addressing
import BGP
import Routing

/// Customers that are carriers themselves, by RFC 4364 §9 and docs/carriers-carrier.md: where LSPs go on, who is told of them, and how
/// long a label may lead there.
extension NaiveModel {
    /// What such a customer's router may say: one label, and of the reserved ones the nulls of the family (RFC 3032 §2.1).
    static func isGood(_ labels: LabelStack?, ofCarrierFor prefix: IPPrefix) -> Bool {
        guard let labels = labels?.labels else { return true }
        guard labels.count == 1, let number = labels.first?.rawValue else { return false }
        return number > 15 || number == 3 || number == (prefix.family == .ipv4 ? 0 : 2)
    }

    /// Where an LSP goes on along a route; `nil`: it would end here.
    func swapTarget(of route: Route, in vrf: VRFInputs) -> SwapTarget? {
        guard vrf.circuitGateways[route.neighbor] == nil, let identity = inputs.neighbors[route.neighbor]?.identity
        else {
            return nil
        }
        var labels = [route.outer, route.label].compactMap { $0 }
        if route.neighbor.vrf != nil {
            guard let label = route.carrierLabel else { return nil }
            labels = label.rawValue == 3 ? [] : [label]
        }
        return SwapTarget(way: .neighbor(identity), labels: labels, under: .labels)
    }

    func swapTarget(of choice: Choice, in vrf: VRFInputs) -> SwapTarget? {
        guard case .learnt(let route, _) = choice else { return nil }
        return swapTarget(of: route, in: vrf)
    }

    /// What a carrier's router is to have.
    func sentLabeled(to neighbor: PeerAddress, labels: [LabelOwner: MPLSLabel]) -> [IPPrefix: Owner.Sent] {
        guard let session = sessions[neighbor], let identity = inputs.neighbors[neighbor]?.identity,
            let vrf = inputs.vrfs.values.first(where: { $0.number == neighbor.vrf })
        else { return [:] }
        var sent: [IPPrefix: Owner.Sent] = [:]
        for (prefix, choice) in choices(of: vrf) where swapTarget(of: choice, in: vrf) != nil {
            guard session.families.contains(SessionFamily(labeledUnicast: prefix.family)),
                let label = labels[LabelOwner(.circuitPrefix(vrf.identity, prefix), neighbor: identity)],
                let attributes = attributes(choice, prefix, of: vrf, toCarrier: neighbor)
            else { continue }
            sent[prefix] = Owner.Sent(attributes: attributes, label: label)
        }
        return sent
    }

    private func attributes(
        _ choice: Choice, _ prefix: IPPrefix, of vrf: VRFInputs, toCarrier neighbor: PeerAddress
    ) -> PathAttributes? {
        guard let settings = inputs.neighbors[neighbor], vrf.families.contains(prefix.family),
            let family = settings.families[SessionFamily(labeledUnicast: prefix.family)],
            family.role == .customerCarrier, family.exportFilter != nil || family.exportPolicy != nil,
            permits(family.exportFilter, prefix), isGiven(choice, of: vrf, to: neighbor, withoutTransit: true)
        else { return nil }
        return attributes(choice, prefix, vrf, settings, family)
    }

    /// The labels of carriers' VRFs that are valid for a neighbor that is there, once it has read everything, and where they lead.
    func swaps(at neighbor: PeerAddress, labels: [LabelOwner: MPLSLabel]) -> [LabelOwner: SwapTarget] {
        guard let identity = inputs.neighbors[neighbor]?.identity else { return [:] }
        var swaps: [LabelOwner: SwapTarget] = [:]
        let told = sent(to: neighbor, labels: labels)
        let toldInside = sentLabeled(to: neighbor, labels: labels)
        for vrf in inputs.vrfs.values {
            for (prefix, choice) in choices(of: vrf) {
                let key = VPNPrefix(routeDistinguisher: vrf.routeDistinguisher, prefix: prefix)
                if vrf.servesCarrier, told[key] != nil {
                    swaps[LabelOwner(.prefix(vrf.identity, prefix), neighbor: identity)] = swapTarget(
                        of: choice, in: vrf)
                }
                if neighbor.vrf == vrf.number, toldInside[prefix] != nil {
                    swaps[LabelOwner(.circuitPrefix(vrf.identity, prefix), neighbor: identity)] = swapTarget(
                        of: choice, in: vrf)
                }
            }
        }
        return swaps
    }

    /// Whether a label may lead there still.
    ///
    /// - Parameter isAway: whether its neighbor does not read what it may not have any more.
    func mayLead(_ owner: LabelOwner, to target: SwapTarget, isAway: Bool) -> Bool {
        guard let vrf = inputs.vrfs.values.first(where: { $0.identity == owner.vrf }) else { return false }
        let (prefix, isInside): (IPPrefix, Bool)
        switch owner.subject {
        case .prefix(_, let route): (prefix, isInside) = (route, false)
        case .circuitPrefix(_, let route): (prefix, isInside) = (route, true)
        default: return false
        }
        return (candidates(of: vrf)[prefix] ?? []).contains { route in
            guard swapTarget(of: route, in: vrf) == target else { return false }
            return !isAway
                || isToldOf(.learnt(route, beside: []), prefix, of: vrf, at: owner.neighbor.peer, isInside: isInside)
        }
    }

    private func isToldOf(
        _ choice: Choice, _ prefix: IPPrefix, of vrf: VRFInputs, at neighbor: PeerAddress, isInside: Bool
    ) -> Bool {
        guard !isInside else { return attributes(choice, prefix, of: vrf, toCarrier: neighbor) != nil }
        guard let settings = inputs.neighbors[neighbor],
            let family = settings.families[prefix.family == .ipv4 ? .vpnv4 : .vpnv6]
        else { return false }
        return vrf.servesCarrier && vrf.eligibleNeighbors.contains(neighbor) && vrf.families.contains(prefix.family)
            && family.role == .optionB && permits(family.exportFilter, prefix)
            && permits(vrf.exportFilters[prefix.family], prefix)
            && isGiven(choice, of: vrf, to: neighbor, withoutTransit: vrf.allowsTransit)
            && attributes(choice, prefix, vrf, settings, family) != nil
    }
}

extension Owner {
    /// The labels of VRFs that are swapped and valid, and where they lead.
    var validSwaps: [LabelOwner: SwapTarget] {
        var found: [LabelOwner: SwapTarget] = [:]
        for binding in installed where binding.owner.vrf != nil { found[binding.owner] = swaps[binding] }
        return found
    }

    func validSwaps(at neighbor: PeerAddress) -> [LabelOwner: SwapTarget] {
        validSwaps.filter { $0.key.neighbor.peer == neighbor }
    }
}
