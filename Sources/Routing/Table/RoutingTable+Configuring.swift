import Addressing
import BGP

/// New inputs: the table goes over to them with no more effects than the difference calls for.
extension RoutingTable {
    func configure(_ given: RoutingInputs) {
        let new = given.withOptionEToExternalNeighborsOnly
        guard !isConfigured || new != inputs else { return }
        let old = inputs
        inputs = new
        keptAttributes = new.keptAttributes
        if !isConfigured {
            isConfigured = true
            labels.boundQuarantines(now: now, quarantineSeconds: new.labelQuarantineSeconds)
        }
        configureNeighbors(old)
        configureVRFs(old)
        requestRefreshes(old)
        reconcileLabels()
        for neighbor in neighborsInOrder where neighbor.labelsEnd == nil && neighbor.session == nil {
            endLabels(of: neighbor)
        }
        reviseExports(old)
    }

    private func configureNeighbors(_ old: RoutingInputs) {
        for neighbor in neighborsInOrder where inputs.neighbors[neighbor.address] == nil {
            takeDown(neighbor, keeping: nil)
            for family in AddressFamily.allCases { removeAll(neighbor, family) }
            neighbors[neighbor.address] = nil
        }
        awaited = awaited.filter { inputs.neighbors[$0.key] != nil }
        for new in inputs.neighbors.values.sorted(by: { $0.address < $1.address }) {
            guard let neighbor = neighbors[new.address] else {
                let neighbor = NeighborState(new)
                // A neighbor that was up before a restart goes on using what it was told by the process before.
                if awaited.keys.contains(new.address) { neighbor.labelsEnd = selectionDeferral }
                neighbors[new.address] = neighbor
                continue
            }
            configure(neighbor, new, isAnotherSystem: old.autonomousSystem != inputs.autonomousSystem)
        }
    }

    private func configure(_ neighbor: NeighborState, _ new: NeighborInputs, isAnotherSystem: Bool) {
        let former = neighbor.inputs
        neighbor.localAttributes = [:]
        if isAnotherSystem || former.remoteAutonomousSystem != new.remoteAutonomousSystem || former.nni != new.nni
            || former.localAddress != new.localAddress
        {
            reset(neighbor, .configurationChanged)
            for family in AddressFamily.allCases { removeAll(neighbor, family) }
            neighbor.labelsEnd = nil
        }
        neighbor.inputs = new
        if new.isShutdown {
            takeDown(neighbor, keeping: nil)
            neighbor.labelsEnd = nil
        }
        if !new.keepsRoutesOverRestarts { flushStale(neighbor) }
        for family in AddressFamily.allCases where former.isOptionE(family) && !new.isOptionE(family) {
            removeAll(neighbor, family)
            neighbor.family(family).hasLeftOutRoutes = true
        }
        if former.acceptsMore(than: new) { removeUnacceptable(neighbor) }
        for family in AddressFamily.allCases {
            guard let filter = new.families[family]?.importFilter, former.families[family]?.importFilter != filter
            else { continue }
            for prefix in neighbor.family(family).received.keys where !filter.permits(prefix.prefix) {
                refuseByPrefixList(prefix, from: neighbor)
            }
        }
        enforcePrefixLimits(on: neighbor, unlike: former)
        enforceHoldings(on: neighbor)
    }

    /// Removes routes that were taken before and would not be now.
    private func removeUnacceptable(_ neighbor: NeighborState) {
        for family in AddressFamily.allCases {
            let refused = neighbor.family(family).received.filter { prefix, route in
                RouteValidity.rejection(of: prefix, .single(route.label), from: neighbor.inputs) != nil
            }
            let withSets = neighbor.family(family).received.filter {
                !neighbor.inputs.acceptsASSets && $0.value.attributes.asPath.hasSet
            }
            for prefix in Set(refused.keys).union(withSets.keys).sorted() {
                removeReceived(prefix, from: neighbor)
                neighbor.family(family).hasLeftOutRoutes = true
            }
        }
    }

    private func configureVRFs(_ old: RoutingInputs) {
        var formerImports = imports
        for name in vrfs.keys.sorted() where inputs.vrfs[name]?.identity != vrfs[name]?.inputs.identity {
            // One that comes back with another route distinguisher is another VRF, and inherits no route.
            vrfs[name] = nil
            effects.append(.removeAllRoutes(vrf: name))
        }
        let changed = inputs.vrfs.values.filter { old.vrfs[$0.name] != $0 }.sorted { $0.name < $1.name }
        for new in changed {
            if let vrf = vrfs[new.name] { vrf.inputs = new } else { vrfs[new.name] = VRFState(new) }
        }
        chooseExporters(old)
        imports = ImportLookup(ImportIndex(vrfs.values))
        for vrf in changed.compactMap({ vrfs[$0.name] }) {
            // A prefix that goes from a circuit to a far end, or back, is never without a route in between.
            let connected = ConnectedSubnets(vrf.inputs)
            guardSubnets(connected.common(with: vrf.connectedSubnets), of: vrf)
            reviseLocalRoutes(of: vrf)
            guardSubnets(connected, of: vrf)
            if old.vrfs[vrf.name]?.maximumRoutes != vrf.inputs.maximumRoutes { removeExcess(of: vrf) }
        }
        let isAnyGone = old.vrfs.contains { inputs.vrfs[$0.key]?.identity != $0.value.identity }
        let isImportChanged = changed.contains { new in
            new.imports(unlike: old.vrfs[new.name].flatMap { $0.identity == new.identity ? $0 : nil })
        }
        if isAnyGone || isImportChanged || old.keepsRoutesWithoutImport != inputs.keepsRoutesWithoutImport {
            reimport(&formerImports)
        }
        for vrf in changed.compactMap({ vrfs[$0.name] }) where vrf.hasRefusedRoutes && vrf.hasRoom {
            admitRefusedRoutes(vrf)
        }
    }

    private func chooseExporters(_ old: RoutingInputs) {
        exporters = [:]
        for vrf in vrfs.values.sorted(by: { $0.name < $1.name }) {
            guard let first = exporters[vrf.inputs.routeDistinguisher] else {
                exporters[vrf.inputs.routeDistinguisher] = vrf
                continue
            }
            guard old.vrfs[vrf.name]?.routeDistinguisher != vrf.inputs.routeDistinguisher else { continue }
            effects.append(.log(.routeDistinguisherShared(vrf: vrf.name, sharedWith: first.name)))
        }
    }

    /// The subnets inside which the VRF believes no far end are others now.
    private func guardSubnets(_ connected: ConnectedSubnets, of vrf: VRFState) {
        let former = vrf.connectedSubnets
        guard connected != former else { return }
        let changed = vrf.paths.keys.filter { former.cover($0) != connected.cover($0) }.sorted()
        let before = changed.map { vrf.selection(for: $0) }
        vrf.connectedSubnets = connected
        for (prefix, selection) in zip(changed, before) { follow(selection, prefix, in: vrf) }
    }

    private func reviseLocalRoutes(of vrf: VRFState) {
        let wanted = LocalRoute.routes(of: vrf.inputs)
        for prefix in vrf.locals.keys.sorted() where wanted[prefix] == nil {
            setLocalRoute(nil, prefix, in: vrf)
        }
        for (prefix, route) in wanted.sorted(by: { $0.key < $1.key }) where vrf.locals[prefix] != route {
            setLocalRoute(route, prefix, in: vrf)
        }
    }

    private func setLocalRoute(_ route: LocalRoute?, _ prefix: IPPrefix, in vrf: VRFState) {
        let before = vrf.selection(for: prefix)
        vrf.locals[prefix] = route
        follow(before, prefix, in: vrf)
    }

    /// Moves the routes that are held from the VRFs that imported them to those that do now.
    private func reimport(_ former: inout ImportLookup) {
        for neighbor in neighborsInOrder {
            for family in AddressFamily.allCases {
                let state = neighbor.family(family)
                // What is removed while it is gone through is removed from another copy.
                for (prefix, route) in state.received {
                    let left = former.importers(of: prefix.prefix, route.attributes, from: neighbor.address).vrfs
                    let found = imports.importers(of: prefix.prefix, route.attributes, from: neighbor.address)
                    let joined = found.vrfs
                    if found.refusals > 0, joined.count < left.count { count(.vrfPrefixList, prefix, from: neighbor) }
                    for vrf in left where !joined.contains(where: { $0 === vrf }) && vrfs[vrf.name] === vrf {
                        removePath(prefix, of: neighbor, from: vrf)
                    }
                    for vrf in joined where !left.contains(where: { $0 === vrf }) {
                        insert(route, prefix, of: neighbor, into: vrf)
                    }
                    if joined.isEmpty, !inputs.keepsRoutesWithoutImport {
                        state.received[prefix] = nil
                        forget(route, from: neighbor)
                        state.sweep?.spare(route)
                        state.hasLeftOutRoutes = true
                        if route.isImported { state.importedCount -= 1 }
                    } else if route.isImported == joined.isEmpty {
                        state.received[prefix]?.isImported = !joined.isEmpty
                        state.importedCount += joined.isEmpty ? -1 : 1
                    }
                }
            }
        }
    }

    /// Asks the neighbors for what was not kept and may be needed now.
    private func requestRefreshes(_ old: RoutingInputs) {
        let keepsMoreAttributes =
            !keptAttributes.passedTypeCodes.isSubset(of: old.keptAttributes.passedTypeCodes)
        for neighbor in neighborsInOrder {
            guard let session = neighbor.session else { continue }
            for family in AddressFamily.allCases where neighbor.exchanges(family) {
                let state = neighbor.family(family)
                guard state.hasLeftOutRoutes || state.hasLeftOutAttributes, !state.isDisabled else { continue }
                let isNeeded =
                    (keepsMoreAttributes && state.hasLeftOutAttributes)
                    || (state.hasLeftOutRoutes && isMoreImported(of: neighbor, family, than: old))
                guard isNeeded else { continue }
                guard session.routeRefresh else {
                    effects.append(.log(.refreshNotPossible(neighbor: neighbor.address, .vpn(family))))
                    continue
                }
                state.hasLeftOutRoutes = false
                state.hasLeftOutAttributes = false
                effects.append(.requestRefresh(neighbor: neighbor.address, .vpn(family)))
            }
        }
    }

    /// Whether a route that was not kept may be needed now.
    private func isMoreImported(
        of neighbor: NeighborState, _ family: AddressFamily, than old: RoutingInputs
    ) -> Bool {
        old.neighbors[neighbor.address].map { !$0.isOptionE(family) || neighbor.inputs.acceptsMore(than: $0) } ?? true
            || neighbor.inputs.families[family].flatMap(\.importFilter).mayPermitMore(
                than: old.neighbors[neighbor.address]?.families[family].flatMap(\.importFilter))
            || (inputs.keepsRoutesWithoutImport && !old.keepsRoutesWithoutImport)
            || inputs.vrfs.values.contains {
                $0.importsMore(than: old.vrfs[$0.name], from: neighbor.address, family)
            }
    }

    /// Puts into the neighbors' pending routes what differs from what they were sent.
    private func reviseExports(_ old: RoutingInputs) {
        let changed = Set(old.vrfs.keys).union(inputs.vrfs.keys).filter { name in
            inputs.vrfs[name].map { $0.exports(unlike: old.vrfs[name]) } ?? true
        }
        let distinguishers = Set(
            [old, inputs].flatMap { inputs in changed.compactMap { inputs.vrfs[$0]?.routeDistinguisher } })
        for neighbor in neighborsInOrder where neighbor.session != nil {
            let isNeighborChanged = old.neighbors[neighbor.address] != neighbor.inputs
            for family in AddressFamily.allCases {
                for (prefix, advertised) in neighbor.family(family).advertised
                where (isNeighborChanged || distinguishers.contains(prefix.routeDistinguisher))
                    && isOutOfDate(prefix, at: neighbor)
                {
                    neighbor.enqueue(prefix, like: advertised.attributes)
                }
            }
            for vrf in vrfs.values.sorted(by: { $0.name < $1.name })
            where isNeighborChanged || distinguishers.contains(vrf.inputs.routeDistinguisher) {
                enqueueRoutes(of: vrf, for: neighbor)
            }
        }
    }
}
