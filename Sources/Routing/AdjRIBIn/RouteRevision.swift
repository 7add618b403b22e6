import Addressing
import BGP

/// Brings the routes that are held to what new inputs, or new routes of the core, make of them: judges them anew and moves
/// them between VRFs.
final class RouteRevision {
    private let context: RoutingContext
    private let imports: RouteImport
    private let relay: RouteRelay
    private let judge: RouteJudge
    private let routes: ReceivedRoutes
    private let sweeping: RouteSweeping
    private let refreshes: RefreshRequests

    init(
        _ context: RoutingContext, _ imports: RouteImport, _ relay: RouteRelay, _ judge: RouteJudge,
        _ routes: ReceivedRoutes, _ sweeping: RouteSweeping, _ refreshes: RefreshRequests
    ) {
        self.context = context
        self.imports = imports
        self.relay = relay
        self.judge = judge
        self.routes = routes
        self.sweeping = sweeping
        self.refreshes = refreshes
    }

    // MARK: Inputs of a neighbor

    /// The inputs are others: obeys what the neighbor may have of its routes now, without its limits.
    func configure(_ neighbor: NeighborState, unlike former: NeighborInputs) {
        for family in SessionFamily.allCases where former.isHeard(in: family) {
            guard
                !neighbor.inputs.isHeard(in: family)
                    || former.role(in: family)?.takesTheSame(as: neighbor.inputs.role(in: family)) != true
            else { continue }
            let table = neighbor.received[family]
            let held = table.routes.prefix(RejectedRoutes.capacity)
            sweeping.removeAll(neighbor, family)
            table.noteLeftOutRoutes()
            guard neighbor.session != nil, !neighbor.inputs.isHeard(in: family) else { continue }
            for (nlri, route) in held { table.noteRejected(nlri, .noPolicy, route.attributes, now: context.now) }
        }
        if former.acceptsMore(than: neighbor.inputs) { removeUnacceptable(neighbor) }
        for family in SessionFamily.allCases {
            guard let filter = neighbor.inputs.families[family]?.importFilter,
                former.families[family]?.importFilter != filter
            else { continue }
            let table = neighbor.received[family]
            for (nlri, route) in table.routes where !filter.permits(nlri.prefix) {
                routes.reject(nlri, route.attributes, from: neighbor, in: table, .neighborPrefixList)
            }
        }
        for family in SessionFamily.allCases
        where former.families[family]?.importPolicy != neighbor.inputs.families[family]?.importPolicy
            || former.families[family]?.siteOfOrigin != neighbor.inputs.families[family]?.siteOfOrigin
            || former.families[family]?.relay.imported != neighbor.inputs.families[family]?.relay.imported
        {
            applyImportPolicy(family, to: neighbor)
        }
        if former.nniMark != neighbor.inputs.nniMark { applyMark(to: neighbor, unlike: former) }
    }

    /// The mark is another: what has it now, or had it, leads into the core under another rule.
    private func applyMark(to neighbor: NeighborState, unlike former: NeighborInputs) {
        for family in SessionFamily.allCases {
            for (nlri, route) in neighbor.received[family].routes
            where neighbor.inputs.isMarked(route.attributes) != former.isMarked(route.attributes) {
                for vrf in imports.importers(of: nlri, route.usedAttributes, from: neighbor).vrfs {
                    imports.insert(route, nlri, of: neighbor, into: vrf)
                }
            }
        }
    }

    /// The route map is another: what is held was kept as it came in and goes through the new one.
    private func applyImportPolicy(_ family: SessionFamily, to neighbor: NeighborState) {
        let table = neighbor.received[family]
        let policy = neighbor.importPolicy(in: family)
        let settings = neighbor.inputs.families[family]
        // What is changed while it is gone through is changed in another copy.
        for (nlri, route) in table.routes {
            if neighbor.role(in: family) == .optionB, settings?.relay.imported.admit(route.attributes) != true {
                routes.reject(nlri, route.attributes, from: neighbor, in: table, .targetNotListed)
                continue
            }
            switch policy?.verdict(on: nlri.prefix, route.attributes) ?? .permitted(route.attributes) {
            case .refused:
                routes.reject(nlri, route.attributes, from: neighbor, in: table, .neighborRouteMap)
            case .permitted(let attributes, _):
                guard attributes != route.usedAttributes else { continue }
                routes.change(route, to: attributes, nlri, family, of: neighbor, in: table)
            }
        }
    }

    /// Removes routes that were taken before and would not be now.
    private func removeUnacceptable(_ neighbor: NeighborState) {
        for family in SessionFamily.allCases {
            guard let role = neighbor.inputs.role(in: family), let settings = neighbor.inputs.families[family] else {
                continue
            }
            let table = neighbor.received[family]
            var refused: [NLRI: RouteRejection] = [:]
            for (nlri, route) in table.routes {
                refused[nlri] = judge.rejection(of: nlri, route, from: neighbor, role, settings)
            }
            for (nlri, reason) in refused.sorted(by: { $0.key < $1.key }) {
                guard let attributes = table.routes[nlri]?.attributes else { continue }
                routes.remove(nlri, of: neighbor)
                table.noteLeftOutRoutes()
                table.noteRejected(nlri, reason, attributes, now: context.now)
            }
        }
    }

    // MARK: Inputs of VRFs

    /// Moves the routes that are held from the VRFs that imported them to those that do now.
    /// - Parameter remapped: the VRFs whose import map is another.
    func reimport(
        of neighbor: NeighborState, _ former: inout ImportLookup, _ vrfs: VRFTables, remapped: [VRFState]
    ) {
        for family in SessionFamily.allCases where neighbor.inputs.entersVRFs(in: family) {
            let table = neighbor.received[family]
            // What is removed while it is gone through is removed from another copy.
            for (nlri, route) in table.routes {
                let left =
                    family.isVPN
                    ? former.importers(of: nlri.prefix, route.usedAttributes, from: neighbor.inputs).vrfs
                    : imports.holders(of: nlri, from: neighbor)
                let found = imports.importers(of: nlri, route.usedAttributes, from: neighbor)
                let joined = found.vrfs
                if let rejection = found.rejection, joined.count < left.count {
                    routes.count(rejection, nlri, from: neighbor, in: table)
                }
                for vrf in left where !joined.contains(where: { $0 === vrf }) && vrfs[vrf.name] === vrf {
                    imports.remove(nlri, of: neighbor, from: vrf)
                }
                for vrf in joined {
                    if !left.contains(where: { $0 === vrf }) {
                        imports.insert(route, nlri, of: neighbor, into: vrf)
                    } else if remapped.contains(where: { $0 === vrf }) {
                        imports.revise(route, nlri, of: neighbor, in: vrf)
                    }
                }
                routes.settle(nlri, route, family, of: neighbor, in: table, found)
            }
        }
    }

    // MARK: Route distinguishers of the own network

    /// Removes the routes of Option B neighbors whose distinguishers are the own network's now.
    func removeOwnDistinguishers(of neighbor: NeighborState) {
        for family in SessionFamily.allCases {
            guard let role = neighbor.role(in: family), role.isRelayed,
                let settings = neighbor.inputs.families[family]
            else { continue }
            let table = neighbor.received[family]
            // What is removed while it is gone through is removed from another copy.
            for (nlri, route) in table.routes where judge.isOfOwnNetwork(nlri, role, settings) {
                routes.reject(nlri, route.attributes, from: neighbor, in: table, .ownDistinguisher)
            }
        }
    }

    /// Obeys what routes of the core have led to.
    func followCoreDistinguishers(_ neighbors: RoutingNeighbors) {
        let consequences = relay.takeConsequences()
        if consequences.isAnyTaken {
            for neighbor in neighbors.inOrder { removeOwnDistinguishers(of: neighbor) }
        }
        for peer in consequences.released.sorted() {
            if let neighbor = neighbors[peer] { refreshes.askForReleased(of: neighbor) }
        }
    }
}
