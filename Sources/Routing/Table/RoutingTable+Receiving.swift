import Addressing
import BGP

/// From UPDATE to Adj-RIB-In.
extension RoutingTable {
    func receive(_ update: Update, from neighbor: NeighborState) {
        guard let session = neighbor.session else { return }
        for case .vpn(let prefix) in update.withdrawn { removeReceived(prefix, from: neighbor) }
        guard !update.announced.isEmpty else { return }
        // What goes on to nobody is not kept: a stranger must not fill our memory with what we cannot read.
        let attributes = neighbor.holdings.attributes.held(keptAttributes.withoutUnwanted(update.attributes))
        let leavesOutAttributes = attributes.unrecognized.count < update.attributes.unrecognized.count
        let ofAttributes = RouteValidity.rejection(
            of: attributes, from: neighbor.inputs, autonomousSystem: inputs.autonomousSystem)
        for route in update.announced {
            guard case .vpn(let prefix) = route.nlri, let labels = route.labels else { continue }
            let family = prefix.prefix.family
            guard session.families.contains(family), !neighbor.family(family).isDisabled else { continue }
            if !neighbor.inputs.isOptionE(family) {
                neighbor.family(family).hasLeftOutRoutes = true
                reject(prefix, from: neighbor, .noPolicy)
            } else if let rejection = ofAttributes
                ?? RouteValidity.rejection(of: prefix, labels, from: neighbor.inputs)
            {
                // What the operator may come to accept is asked for then.
                if rejection.mayBeAccepted { neighbor.family(family).hasLeftOutRoutes = true }
                reject(prefix, from: neighbor, rejection)
            } else if !neighbor.inputs.families[family].flatMap(\.importFilter).permits(prefix.prefix) {
                refuseByPrefixList(prefix, from: neighbor)
            } else if let label = labels.onlyLabel {
                accept(prefix, label, attributes, from: neighbor, session)
                if leavesOutAttributes { neighbor.family(family).hasLeftOutAttributes = true }
                // The session has just been ended by the maximum of prefixes.
                guard neighbor.session != nil else { return }
            }
        }
    }

    /// Counts the route as withdrawn. Another list may call for it.
    func refuseByPrefixList(_ prefix: VPNPrefix, from neighbor: NeighborState) {
        neighbor.family(prefix.prefix.family).hasLeftOutRoutes = true
        reject(prefix, from: neighbor, .neighborPrefixList)
    }

    /// Counts the route as withdrawn.
    private func reject(_ prefix: VPNPrefix, from neighbor: NeighborState, _ reason: RouteRejection) {
        count(reason, prefix, from: neighbor)
        removeReceived(prefix, from: neighbor)
    }

    func count(_ reason: RouteRejection, _ prefix: VPNPrefix, from neighbor: NeighborState) {
        let family = neighbor.family(prefix.prefix.family)
        if let count = family.rejections[reason, default: RejectionCount()].add(now: now) {
            effects.append(
                .log(.routesRejected(neighbor: neighbor.address, reason, count: count, example: prefix)))
        }
    }

    private func accept(
        _ prefix: VPNPrefix, _ label: MPLSLabel, _ attributes: PathAttributes, from neighbor: NeighborState,
        _ session: SessionParameters
    ) {
        let family = neighbor.family(prefix.prefix.family)
        let found = imports.importers(of: prefix.prefix, attributes, from: neighbor.address)
        let importers = found.vrfs
        if found.refusals > 0 { count(.vrfPrefixList, prefix, from: neighbor) }
        if importers.isEmpty {
            family.notKeptCount += 1
            guard inputs.keepsRoutesWithoutImport else {
                family.hasLeftOutRoutes = true
                removeReceived(prefix, from: neighbor)
                return
            }
        }
        let former = family.received[prefix]
        if let former, former.attributes == attributes, former.label == label,
            former.peerIdentifier == session.peerIdentifier
        {
            if family.isStale(former) {
                family.sweep?.spare(former)
                family.received[prefix]?.generation = family.generation
            }
            return
        }
        if let refusal = neighbor.holdings.refusal(of: attributes, label, replacing: former, neighbor.inputs) {
            refuse(prefix, from: neighbor, refusal)
            return
        }
        if former == nil, let limit = neighbor.inputs.families[prefix.prefix.family]?.prefixLimit,
            !admits(family.heldCount + 1, limit, prefix.prefix.family, of: neighbor)
        {
            return
        }
        if let former {
            family.sweep?.spare(former)
            leave(prefix, former, neighbor, staying: importers)
            forget(former, from: neighbor)
        }
        let route = NeighborFamily.Received(
            attributes: attributes, label: label, peerIdentifier: session.peerIdentifier,
            generation: family.generation, learnedAt: now, isImported: !importers.isEmpty)
        family.received[prefix] = route
        neighbor.holdings.add(route)
        if route.isImported { family.importedCount += 1 }
        for vrf in importers { insert(route, prefix, of: neighbor, into: vrf) }
        if importers.contains(where: { $0.connectedSubnets.cover(prefix.prefix) }) {
            count(.connectedSubnet, prefix, from: neighbor)
        }
    }

    /// Takes a former version of a route out of the VRFs that do not import the new one.
    private func leave(
        _ prefix: VPNPrefix, _ former: NeighborFamily.Received, _ neighbor: NeighborState, staying: [VRFState]
    ) {
        if former.isImported { neighbor.family(prefix.prefix.family).importedCount -= 1 }
        for vrf in imports.importers(of: prefix.prefix, former.attributes, from: neighbor.address).vrfs
        where !staying.contains(where: { $0 === vrf }) {
            removePath(prefix, of: neighbor, from: vrf)
        }
    }

    /// Withdraws a route, if it is there.
    func removeReceived(_ prefix: VPNPrefix, from neighbor: NeighborState) {
        let family = neighbor.family(prefix.prefix.family)
        guard let former = family.received.removeValue(forKey: prefix) else { return }
        family.sweep?.spare(former)
        leave(prefix, former, neighbor, staying: [])
        forget(former, from: neighbor)
    }

    /// Counts the route as withdrawn, since the neighbor has all that it may.
    private func refuse(_ prefix: VPNPrefix, from neighbor: NeighborState, _ reason: RouteRejection) {
        let family = neighbor.family(prefix.prefix.family)
        family.hasRefusedForLimits = true
        family.hasLeftOutRoutes = true
        reject(prefix, from: neighbor, reason)
    }

    /// A route is gone or has other attributes. When half of what the neighbor may have is free again, what was refused is
    /// asked for.
    func forget(_ route: NeighborFamily.Received, from neighbor: NeighborState) {
        neighbor.holdings.remove(route)
        guard neighbor.hasRefusedForLimits, let session = neighbor.session, session.routeRefresh,
            neighbor.holdings.isHalfFree(neighbor.inputs)
        else { return }
        for family in AddressFamily.allCases where neighbor.family(family).hasRefusedForLimits {
            neighbor.family(family).hasRefusedForLimits = false
            effects.append(.requestRefresh(neighbor: neighbor.address, .vpn(family)))
        }
    }

    /// Obeys limits that are lower than what is there.
    func enforceHoldings(on neighbor: NeighborState) {
        let octets = neighbor.inputs.attributeMemoryOctets
        let excess = neighbor.holdings.labels(beyond: neighbor.inputs.maximumLabels ?? .max)
        guard neighbor.holdings.attributes.octets > octets || !excess.isEmpty else { return }
        for family in AddressFamily.allCases {
            for (prefix, route) in neighbor.family(family).received {
                if excess.contains(route.label) {
                    refuse(prefix, from: neighbor, .maximumLabels)
                } else if route.attributes.isLarge, neighbor.holdings.attributes.octets > octets {
                    refuse(prefix, from: neighbor, .attributeMemory)
                }
            }
        }
    }
}
