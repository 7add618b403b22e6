import Addressing
import BGP

/// From pending prefixes to UPDATEs, a portion at a time.
extension RoutingTable {
    /// The next portion for `neighbor`: withdrawals, then routes gathered by their attributes, then the marks that
    /// are due, then labels that may now be removed. To be carried out in order; empty when there is no more.
    ///
    /// - Parameter limit: the number of prefixes in the portion, at least 1.
    public func nextBatch(for address: IPAddress, limit: Int, now: Instant) -> [RoutingEffect] {
        self.now = now
        guard isConverged, let neighbor = neighbors[address], neighbor.session != nil else { return [] }
        for family in AddressFamily.allCases where neighbor.family(family).refreshBeginDue {
            neighbor.family(family).refreshBeginDue = false
            effects.append(.beginRefresh(neighbor: address, .vpn(family)))
        }
        takePending(neighbor, limit: max(1, limit))
        if neighbor.pending.isEmpty {
            neighbor.isOutputSignalled = false
            neighbor.needsSignal = false
            finishSending(neighbor)
        }
        finishWithdrawals()
        defer { effects = [] }
        return effects
    }

    private func takePending(_ neighbor: NeighborState, limit: Int) {
        var withdrawn: [NLRI] = []
        var gathered = GatheredRoutes()
        var room = limit
        // A group that fits into a portion is not cut in two: its routes would leave in two UPDATEs.
        while room > 0, !neighbor.pending.isEmpty,
            room == limit || neighbor.pending.firstGroupCount <= room || neighbor.pending.firstGroupCount > limit
        {
            for prefix in neighbor.pending.popFirst(room) { take(prefix, neighbor, &gathered, &withdrawn) }
            room = limit - withdrawn.count - gathered.count
        }
        if !withdrawn.isEmpty { effects.append(.withdraw(neighbor: neighbor.address, withdrawn)) }
        for (attributes, routes) in gathered.groups {
            effects.append(.advertise(neighbor: neighbor.address, attributes, routes))
        }
    }

    /// Decides what `neighbor` is sent for `prefix`, if anything.
    private func take(
        _ prefix: VPNPrefix, _ neighbor: NeighborState, _ gathered: inout GatheredRoutes, _ withdrawn: inout [NLRI]
    ) {
        let family = neighbor.family(prefix.prefix.family)
        let former = family.advertised[prefix]
        guard let export = export(prefix, to: neighbor) else {
            guard let former else { return }
            family.advertised[prefix] = nil
            neighbor.largeAdvertisedAttributes.remove(former.attributes)
            count(former.label, -1, neighbor)
            withdrawn.append(.vpn(prefix))
            return
        }
        let attributes = neighbor.largeAdvertisedAttributes.held(
            gathered.attributes(of: export, prefix.prefix.family) {
                self.attributes(of: export, prefix.prefix.family, to: neighbor)
            })
        if let former, !former.mustBeResent, former.label == export.label, former.attributes == attributes { return }
        if let former {
            count(former.label, -1, neighbor)
            neighbor.largeAdvertisedAttributes.remove(former.attributes)
        }
        count(export.label, 1, neighbor)
        neighbor.largeAdvertisedAttributes.add(attributes)
        family.advertised[prefix] = .init(attributes: attributes, label: export.label)
        gathered.add(AnnouncedRoute(prefix, labels: .single(export.label)), attributes)
    }

    private func count(_ label: MPLSLabel, _ change: Int, _ neighbor: NeighborState) {
        let count = (neighbor.advertisedCount[label] ?? 0) + change
        neighbor.advertisedCount[label] = count == 0 ? nil : count
    }

    /// What closes a complete transmission: End-of-RIB (RFC 4724 §2), which waits for labels that are still being
    /// installed, and the end of a refresh (RFC 7313 §4).
    private func finishSending(_ neighbor: NeighborState) {
        for family in AddressFamily.allCases {
            let state = neighbor.family(family)
            if state.endOfRIBDue, !waitsForLabel(neighbor) {
                state.endOfRIBDue = false
                effects.append(.endOfRIB(neighbor: neighbor.address, .vpn(family)))
            }
            if state.refreshEndDue {
                state.refreshEndDue = false
                effects.append(.endRefresh(neighbor: neighbor.address, .vpn(family)))
            }
        }
    }

    private func waitsForLabel(_ neighbor: NeighborState) -> Bool {
        bindings.bindings(of: neighbor.address).contains { owner, binding in
            binding.state == .installing || (binding.state == .removing && isWanted(owner))
        }
    }

    /// The neighbor asked for everything again (RFC 2918 §4).
    func resendAll(to neighbor: NeighborState, _ family: AddressFamily) {
        guard let session = neighbor.session, session.families.contains(family) else { return }
        let state = neighbor.family(family)
        for prefix in Array(state.advertised.keys) {
            state.advertised[prefix]?.mustBeResent = true
            neighbor.enqueue(prefix, like: state.advertised[prefix]?.attributes)
        }
        if session.enhancedRouteRefresh {
            state.refreshBeginDue = true
            state.refreshEndDue = true
            neighbor.needsSignal = true
        }
    }
}

/// Routes by their attributes, in the order in which the attributes came first.
private struct GatheredRoutes {
    private(set) var groups: [(attributes: PathAttributes, routes: [AnnouncedRoute])] = []
    private(set) var count = 0
    private var positions: [PathAttributes: Int] = [:]

    /// What the attributes of the route before were made of.
    private var last: (vrf: VRFState, family: AddressFamily, learnt: PathAttributes?, attributes: PathAttributes)?

    /// The attributes of a route, made once for routes of a kind that follow each other, and held once if equal.
    mutating func attributes(
        of export: RoutingTable.Export, _ family: AddressFamily, make: () -> PathAttributes
    ) -> PathAttributes {
        let learnt = export.path?.attributes
        if let last, last.vrf === export.vrf, last.family == family, last.learnt == learnt { return last.attributes }
        let made = make()
        let attributes = positions[made].map { groups[$0].attributes } ?? made
        last = (export.vrf, family, learnt, attributes)
        return attributes
    }

    mutating func add(_ route: AnnouncedRoute, _ attributes: PathAttributes) {
        count += 1
        if let position = positions[attributes] {
            groups[position].routes.append(route)
        } else {
            positions[attributes] = groups.count
            groups.append((attributes, [route]))
        }
    }
}
