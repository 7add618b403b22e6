import Addressing
import BGP

/// From UPDATE to Adj-RIB-In and on to import or to the default table; and whatever takes routes out of an Adj-RIB-In again.
final class RouteReception {
    /// So many routes are removed at once; more in portions.
    private static let routesRemovedAtOnce = 1000

    private let context: RoutingContext
    private let imports: RouteImport
    private let reflection: RouteReflection
    private let relay: RouteRelay
    private let defaultTable: DefaultTable
    /// What is kept of the attributes that come in.
    private var keptAttributes = AttributePolicy()

    init(
        _ context: RoutingContext, _ imports: RouteImport, _ reflection: RouteReflection, _ relay: RouteRelay,
        _ defaultTable: DefaultTable
    ) {
        self.context = context
        self.imports = imports
        self.reflection = reflection
        self.relay = relay
        self.defaultTable = defaultTable
    }

    /// - Returns: why the session is to end, if it is.
    func receive(_ update: Update, from neighbor: NeighborState) -> SessionResetReason? {
        guard let session = neighbor.session else { return nil }
        for nlri in update.withdrawn {
            neighbor.received.table(of: nlri)?.forgetRejected(nlri)
            remove(nlri, from: neighbor)
        }
        guard !update.announced.isEmpty else { return nil }
        // What goes on to nobody is not kept: a stranger must not fill our memory with what we cannot read.
        // What is reflected goes on as it is.
        let isReflected =
            update.announced.first?.nlri.sessionFamily.map { context.isReflected($0, of: neighbor) } ?? false
        let attributes = neighbor.received.held(
            isReflected ? update.attributes : keptAttributes.withoutUnwanted(update.attributes))
        let leavesOutAttributes = attributes.unrecognized.count < update.attributes.unrecognized.count
        var judged: (family: SessionFamily, rejection: RouteRejection?)?
        for route in update.announced {
            let nlri = route.nlri
            guard let family = nlri.sessionFamily, session.families.contains(family) else { continue }
            let table = neighbor.received[family]
            guard !table.isDisabled else { continue }
            guard let role = neighbor.role(in: family), let settings = neighbor.inputs.families[family],
                role.takesRoutes(by: settings)
            else {
                table.noteLeftOutRoutes()
                reject(nlri, attributes, from: neighbor, .noPolicy)
                continue
            }
            if judged?.family != family {
                let rejection = role.rejection(
                    of: attributes, from: neighbor.inputs, settings,
                    autonomousSystem: context.inputs.autonomousSystem)
                judged = (family, rejection)
            }
            if let rejection = judged?.rejection
                ?? role.rejection(
                    of: nlri, route.labels, from: neighbor.inputs,
                    mayHaveSeveralLabels: session.multipleLabels.contains(family))
            {
                // What the operator may come to accept is asked for then.
                if rejection.mayBeAccepted { table.noteLeftOutRoutes() }
                reject(nlri, attributes, from: neighbor, rejection)
            } else if isOfOwnNetwork(nlri, role, settings) {
                refuseDistinguisher(of: nlri, attributes, from: neighbor, in: table)
            } else if !settings.importFilter.permits(nlri.prefix) {
                refuseByPolicy(nlri, attributes, from: neighbor, in: table, .neighborPrefixList)
            } else {
                var candidate = Candidate(
                    nlri: nlri, family: family, labels: ReceivedLabels(route.labels),
                    attributes: attributes, peerIdentifier: session.peerIdentifier)
                if let policy = neighbor.importPolicy(in: family) {
                    guard case .permitted(let changed, _) = policy.verdict(on: nlri.prefix, attributes) else {
                        refuseByPolicy(nlri, attributes, from: neighbor, in: table, .neighborRouteMap)
                        continue
                    }
                    candidate.changedAttributes = changed == attributes ? nil : neighbor.received.held(changed)
                }
                if let reason = accept(candidate, from: neighbor, in: table) { return reason }
                if leavesOutAttributes { table.noteLeftOutAttributes() }
            }
        }
        return nil
    }

    /// A route that may be used.
    private struct Candidate {
        let nlri: NLRI
        let family: SessionFamily
        let labels: ReceivedLabels
        let attributes: PathAttributes
        /// What the neighbor's route map made of them; `nil`: nothing else.
        var changedAttributes: PathAttributes?
        let peerIdentifier: IPv4Address

        /// What it is used with.
        var usedAttributes: PathAttributes { changedAttributes ?? attributes }
    }

    private func accept(
        _ new: Candidate, from neighbor: NeighborState, in table: AdjRIBInTable
    ) -> SessionResetReason? {
        let found = imports.importers(of: new.nlri, new.usedAttributes, from: neighbor)
        let importers = found.vrfs
        if let rejection = found.rejection { count(rejection, new.nlri, from: neighbor, in: table) }
        let isForDefaultTable = new.family.isLabeledUnicast
        if importers.isEmpty, new.family.entersVRFs {
            table.countNotKept()
            guard context.keepsWithoutImport(new.attributes, new.family, of: neighbor) else {
                table.noteLeftOutRoutes()
                remove(new.nlri, from: neighbor)
                if let rejection = found.rejection {
                    table.noteRejected(new.nlri, rejection, new.attributes, now: context.now)
                } else {
                    table.forgetRejected(new.nlri)
                }
                return nil
            }
        }
        table.forgetRejected(new.nlri)
        let former = table.routes[new.nlri]
        if let former, former.attributes == new.attributes, former.labels == new.labels,
            former.peerIdentifier == new.peerIdentifier
        {
            table.repeat(new.nlri, former)
            return nil
        }
        let refusal = neighbor.received.holdings.refusal(
            of: new.attributes, new.labels.first, replacing: former, neighbor.inputs)
        if let refusal {
            refuse(new.nlri, new.attributes, from: neighbor, in: table, refusal)
            return nil
        }
        if former == nil, let limit = neighbor.inputs.families[new.family]?.prefixLimit,
            let reason = excess(table.heldCount + 1, limit, new.family, of: neighbor)
        {
            return reason
        }
        if let former {
            neighbor.received.forget(former, in: table)
            leave(new.nlri, former, neighbor, staying: importers)
            askForRefused(neighbor)
        }
        let route = table.route(
            new.attributes, changedTo: new.changedAttributes, new.labels, peerIdentifier: new.peerIdentifier,
            learnedAt: context.now, isImported: !new.family.entersVRFs || !importers.isEmpty)
        neighbor.received.insert(route, new.nlri, in: table)
        for vrf in importers { imports.insert(route, new.nlri, of: neighbor, into: vrf) }
        reflection.follow(new.nlri, of: neighbor)
        relay.follow(new.nlri, of: neighbor, former: former)
        if isForDefaultTable { defaultTable.insert(route, new.nlri.prefix, of: neighbor) }
        if case .routeTargets(let membership) = new.nlri, former == nil { neighbor.membership.insert(membership) }
        if importers.contains(where: { $0.connectedSubnets.cover(new.nlri.prefix) }) {
            count(.connectedSubnet, new.nlri, from: neighbor, in: table)
        }
        return nil
    }

    // MARK: Routes that count as withdrawn

    /// Counts the route as withdrawn. Another list or map may call for it.
    private func refuseByPolicy(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, in table: AdjRIBInTable,
        _ reason: RouteRejection
    ) {
        table.noteLeftOutRoutes()
        reject(nlri, attributes, from: neighbor, reason)
    }

    /// Counts the route as withdrawn, since the neighbor has all that it may.
    private func refuse(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, in table: AdjRIBInTable,
        _ reason: RouteRejection
    ) {
        table.noteRefusedForLimits()
        table.noteLeftOutRoutes()
        reject(nlri, attributes, from: neighbor, reason)
    }

    private func reject(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, _ reason: RouteRejection
    ) {
        guard let table = neighbor.received.table(of: nlri) else { return }
        count(reason, nlri, from: neighbor, in: table)
        remove(nlri, from: neighbor)
        table.noteRejected(nlri, reason, attributes, now: context.now)
    }

    private func count(
        _ reason: RouteRejection, _ nlri: NLRI, from neighbor: NeighborState, in table: AdjRIBInTable
    ) {
        if let count = table.count(reason, now: context.now) {
            context.log(.routesRejected(neighbor: neighbor.peer, reason, count: count, example: nlri))
        }
    }

    /// Withdraws a route, if it is there.
    private func remove(_ nlri: NLRI, from neighbor: NeighborState) {
        guard let table = neighbor.received.table(of: nlri), let former = neighbor.received.remove(nlri, in: table)
        else { return }
        leave(nlri, former, neighbor, staying: [])
        reflection.follow(nlri, of: neighbor)
        relay.follow(nlri, of: neighbor, former: former)
        if case .labeledUnicast(let prefix) = nlri { defaultTable.remove(prefix, of: neighbor) }
        if case .routeTargets(let membership) = nlri { neighbor.membership.remove(membership) }
        askForRefused(neighbor)
    }

    /// Takes a former version of a route out of the VRFs that do not import the new one.
    private func leave(
        _ nlri: NLRI, _ former: AdjRIBInTable.Route, _ neighbor: NeighborState, staying: [VRFState]
    ) {
        for vrf in imports.importers(of: nlri, former.usedAttributes, from: neighbor).vrfs
        where !staying.contains(where: { $0 === vrf }) {
            imports.remove(nlri, of: neighbor, from: vrf)
        }
    }

    /// A route is gone or has other attributes. When half of what the neighbor may have is free again, what was refused is
    /// asked for.
    private func askForRefused(_ neighbor: NeighborState) {
        guard neighbor.received.hasRefusedForLimits, let session = neighbor.session, session.routeRefresh,
            neighbor.received.holdings.isHalfFree(neighbor.inputs)
        else { return }
        for family in SessionFamily.allCases where neighbor.received[family].hasRefusedForLimits {
            neighbor.received[family].forgetRefusedForLimits()
            context.add(.requestRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    // MARK: `maximum-prefix`

    /// Why the session of a neighbor that has `count` routes, one more than before, is to end; `nil` if it may go on.
    private func excess(
        _ count: Int, _ limit: PrefixLimit, _ family: SessionFamily, of neighbor: NeighborState
    ) -> SessionResetReason? {
        if let time = limit.heldDownTime(with: count) {
            return .maximumPrefixesReached(family.identifier, limit: limit.maximum, time)
        }
        if neighbor.received[family].isReportDue(count, limit, now: context.now) {
            context.log(
                .prefixLimitNear(neighbor: neighbor.peer, family.identifier, count: count, limit: limit.maximum))
        }
        return nil
    }

    /// Why the session is to end because of a limit that is lower than what is there. Routes of a neighbor that is away
    /// go as well.
    func enforcePrefixLimit(
        _ family: SessionFamily, on neighbor: NeighborState, unlike former: NeighborInputs
    ) -> SessionResetReason? {
        guard let limit = neighbor.inputs.families[family]?.prefixLimit, former.families[family]?.prefixLimit != limit
        else { return nil }
        let count = neighbor.received[family].heldCount
        guard count >= Int(limit.warning) else { return nil }
        guard let time = limit.heldDownTime(with: count) else {
            context.log(
                .prefixLimitNear(neighbor: neighbor.peer, family.identifier, count: count, limit: limit.maximum))
            return nil
        }
        if neighbor.session == nil { removeAll(neighbor, family) }
        return .maximumPrefixesReached(family.identifier, limit: limit.maximum, time)
    }

    // MARK: New inputs

    /// The inputs are others: obeys what the neighbor may have of its routes now, without its limits.
    func configure(_ neighbor: NeighborState, unlike former: NeighborInputs) {
        for family in SessionFamily.allCases where former.isHeard(in: family) {
            guard
                !neighbor.inputs.isHeard(in: family)
                    || former.role(in: family)?.takesTheSame(as: neighbor.inputs.role(in: family)) != true
            else { continue }
            let table = neighbor.received[family]
            let held = table.routes.prefix(RejectedRoutes.capacity)
            removeAll(neighbor, family)
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
                refuseByPolicy(nlri, route.attributes, from: neighbor, in: table, .neighborPrefixList)
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
                refuseByPolicy(nlri, route.attributes, from: neighbor, in: table, .targetNotListed)
                continue
            }
            switch policy?.verdict(on: nlri.prefix, route.attributes) ?? .permitted(route.attributes) {
            case .refused:
                refuseByPolicy(nlri, route.attributes, from: neighbor, in: table, .neighborRouteMap)
            case .permitted(let attributes, _):
                guard attributes != route.usedAttributes else { continue }
                let left = imports.importers(of: nlri, route.usedAttributes, from: neighbor).vrfs
                let changed = attributes == route.attributes ? nil : neighbor.received.held(attributes)
                let new = neighbor.received.setChangedAttributes(changed, of: nlri, route, in: table)
                // The maps of VRFs go by what the neighbor's has written.
                let found = imports.importers(of: nlri, new.usedAttributes, from: neighbor)
                for vrf in left where !found.vrfs.contains(where: { $0 === vrf }) {
                    imports.remove(nlri, of: neighbor, from: vrf)
                }
                for vrf in found.vrfs { imports.insert(new, nlri, of: neighbor, into: vrf) }
                relay.follow(nlri, of: neighbor, former: route)
                if !family.isLabeledUnicast { settle(nlri, new, family, of: neighbor, in: table, found) }
                reflection.follow(nlri, of: neighbor)
                if family.isLabeledUnicast { defaultTable.insert(new, nlri.prefix, of: neighbor) }
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
                refused[nlri] =
                    role.rejection(
                        of: nlri, route.labels.stack, from: neighbor.inputs, mayHaveSeveralLabels: true)
                    ?? role.rejection(
                        of: route.attributes, from: neighbor.inputs, settings,
                        autonomousSystem: context.inputs.autonomousSystem)
            }
            for (nlri, reason) in refused.sorted(by: { $0.key < $1.key }) {
                guard let attributes = table.routes[nlri]?.attributes else { continue }
                remove(nlri, from: neighbor)
                table.noteLeftOutRoutes()
                table.noteRejected(nlri, reason, attributes, now: context.now)
            }
        }
    }

    /// Obeys limits of labels and attributes that are lower than what is there.
    func enforceHoldings(on neighbor: NeighborState) {
        let octets = neighbor.inputs.attributeMemoryOctets
        let excess = neighbor.received.holdings.labels(beyond: neighbor.inputs.maximumLabels ?? .max)
        guard neighbor.received.holdings.attributes.octets > octets || !excess.isEmpty else { return }
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            for (nlri, route) in table.routes {
                if excess.contains(route.label) {
                    refuse(nlri, route.attributes, from: neighbor, in: table, .maximumLabels)
                } else if route.attributes.isLarge, neighbor.received.holdings.attributes.octets > octets {
                    refuse(nlri, route.attributes, from: neighbor, in: table, .attributeMemory)
                }
            }
        }
    }

    func keepAttributes(_ policy: AttributePolicy) { keptAttributes = policy }

    /// A route that is held has left VRFs and entered others: one that is in none may not be kept.
    private func settle(
        _ nlri: NLRI, _ route: AdjRIBInTable.Route, _ family: SessionFamily, of neighbor: NeighborState,
        in table: AdjRIBInTable, _ importers: ImportLookup.Importers
    ) {
        guard importers.vrfs.isEmpty, !context.keepsWithoutImport(route.attributes, family, of: neighbor) else {
            table.setImported(!importers.vrfs.isEmpty, nlri, route)
            return
        }
        _ = neighbor.received.remove(nlri, in: table)
        relay.follow(nlri, of: neighbor, former: route)
        askForRefused(neighbor)
        table.noteLeftOutRoutes()
        if let rejection = importers.rejection {
            table.noteRejected(nlri, rejection, route.attributes, now: context.now)
        }
    }

    /// Moves the routes that are held from the VRFs that imported them to those that do now.
    /// - Parameter remapped: the VRFs whose import map is another.
    func reimport(
        of neighbor: NeighborState, _ former: inout ImportLookup, _ vrfs: VRFTables, remapped: [VRFState]
    ) {
        for family in SessionFamily.allCases where family.entersVRFs {
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
                    count(rejection, nlri, from: neighbor, in: table)
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
                settle(nlri, route, family, of: neighbor, in: table, found)
            }
        }
    }

    /// Asks a neighbor for what was not kept and may be needed now.
    func requestRefreshes(of neighbor: NeighborState, unlike old: RoutingInputs) {
        guard let session = neighbor.session else { return }
        let keepsMoreAttributes = !keptAttributes.passedTypeCodes.isSubset(of: old.keptAttributes.passedTypeCodes)
        let formerlyReflected = Set(old.reflectorClients.keys)
        for family in SessionFamily.allCases where neighbor.exchanges(family) && neighbor.inputs.isHeard(in: family) {
            let table = neighbor.received[family]
            guard table.hasLeftOutRoutes || table.hasLeftOutAttributes, !table.isDisabled else { continue }
            let isReflectedNow = context.isReflected(family, of: neighbor) && !formerlyReflected.contains(family)
            let isNeeded =
                isReflectedNow || (keepsMoreAttributes && table.hasLeftOutAttributes)
                || (table.hasLeftOutRoutes && isMoreImported(of: neighbor, family, than: old))
            guard isNeeded else { continue }
            guard session.routeRefresh else {
                context.log(.refreshNotPossible(neighbor: neighbor.peer, family.identifier))
                continue
            }
            table.forgetLeftOut()
            context.add(.requestRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    /// Whether a route that was not kept may be needed now.
    private func isMoreImported(
        of neighbor: NeighborState, _ family: SessionFamily, than old: RoutingInputs
    ) -> Bool {
        let inputs = context.inputs
        let former = old.neighbors[neighbor.peer]
        return former.map { !$0.isHeard(in: family) || neighbor.inputs.acceptsMore(than: $0) } ?? true
            || neighbor.inputs.families[family].flatMap(\.importFilter).mayPermitMore(
                than: former?.families[family].flatMap(\.importFilter))
            || neighbor.inputs.families[family].flatMap(\.importPolicy).mayPermitMore(
                than: former?.families[family].flatMap(\.importPolicy))
            || (inputs.keepsRoutesWithoutImport && !old.keepsRoutesWithoutImport)
            || isMoreRelayed(of: neighbor, family, than: old)
            || inputs.vrfs.values.contains {
                family.isVPN
                    ? $0.importsMore(than: old.vrfs[$0.name], from: neighbor.inputs, family.addressFamily)
                    : $0.carriesMore(than: old.vrfs[$0.name], of: neighbor.peer, family.addressFamily)
            }
    }

    /// Whether a route may be relayed now, or have a route distinguisher that was the own network's.
    private func isMoreRelayed(of neighbor: NeighborState, _ family: SessionFamily, than old: RoutingInputs) -> Bool {
        guard context.isRelaying, family.isVPN else { return false }
        guard neighbor.isInternal else {
            return neighbor.role(in: family) == .optionB
                && !old.vrfs.values.allSatisfy { context.vrfDistinguishers.contains($0.routeDistinguisher) }
        }
        let former = old.neighbors[neighbor.peer]?.families[family]?.relay.imported
        return !old.isRelaying || neighbor.inputs.families[family]?.relay.imported != former
    }

    // MARK: Route distinguishers of the own network

    /// Whether an Option B neighbor's route has a distinguisher that only routes of the own network may have.
    private func isOfOwnNetwork(_ nlri: NLRI, _ role: NeighborRole, _ settings: NeighborInputs.Family) -> Bool {
        guard role == .optionB, let distinguisher = nlri.vpnPrefix?.routeDistinguisher,
            !settings.relay.acceptedDistinguishers.contains(distinguisher)
        else { return false }
        return distinguisher.isAdministered(by: context.inputs.autonomousSystem)
            || context.vrfDistinguishers.contains(distinguisher) || relay.distinguishers.isOfCore(distinguisher)
    }

    private func refuseDistinguisher(
        of nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, in table: AdjRIBInTable
    ) {
        if let distinguisher = nlri.vpnPrefix?.routeDistinguisher {
            relay.noteRefused(distinguisher, of: neighbor)
        }
        refuseByPolicy(nlri, attributes, from: neighbor, in: table, .ownDistinguisher)
    }

    /// Removes the routes of Option B neighbors whose distinguishers are the own network's now.
    func removeOwnDistinguishers(of neighbor: NeighborState) {
        for family in SessionFamily.allCases {
            guard let role = neighbor.role(in: family), role == .optionB,
                let settings = neighbor.inputs.families[family]
            else { continue }
            let table = neighbor.received[family]
            // What is removed while it is gone through is removed from another copy.
            for (nlri, route) in table.routes where isOfOwnNetwork(nlri, role, settings) {
                refuseDistinguisher(of: nlri, route.attributes, from: neighbor, in: table)
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
            guard let neighbor = neighbors[peer], neighbor.session?.routeRefresh == true else { continue }
            for family in SessionFamily.allCases
            where neighbor.role(in: family) == .optionB && neighbor.exchanges(family)
                && neighbor.received[family].hasLeftOutRoutes
            {
                neighbor.received[family].forgetLeftOut()
                context.add(.requestRefresh(neighbor: peer, family.identifier))
            }
        }
    }

    // MARK: Many routes at once

    /// Removes all routes at once: what they depend on is about to be another.
    func removeAll(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.abandonSweep()
        table.beginGeneration()
        table.forgetStaleRejections()
        for nlri in Array(table.routes.keys) { remove(nlri, from: neighbor) }
        table.releaseStorage()
        table.endStale()
    }

    /// Removes what was not announced again since the present generation began.
    func removeStale(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.forgetStaleRejections()
        let count = beginSweep(neighbor, table)
        if table.holdsStaleRoutes, count > 0 {
            context.log(.staleRoutesRemoved(neighbor: neighbor.peer, family.identifier, count: count))
        }
        table.endStale()
    }

    /// Removes all routes, at once if they are few.
    func sweepAll(_ neighbor: NeighborState, _ family: SessionFamily) {
        let table = neighbor.received[family]
        table.beginGeneration()
        table.forgetStaleRejections()
        _ = beginSweep(neighbor, table)
        table.endStale()
    }

    private func beginSweep(_ neighbor: NeighborState, _ table: AdjRIBInTable) -> Int {
        let count = table.beginSweep()
        if count > 0, count <= Self.routesRemovedAtOnce { _ = sweep(neighbor, table, limit: count) }
        return count
    }

    /// - Returns: how many routes were looked at.
    private func sweep(_ neighbor: NeighborState, _ table: AdjRIBInTable, limit: Int) -> Int {
        var looked = 0
        while looked < limit, let next = table.nextOfSweep() {
            looked += 1
            if next.isToGo { remove(next.nlri, from: neighbor) }
        }
        table.endSweep()
        return looked
    }

    /// The next hop of the neighbor's routes has come or gone (RFC 4271 §9.1.2.1).
    func setNextHop(_ nextHop: NextHopState, of neighbor: NeighborState) {
        guard neighbor.nextHop != nextHop else { return }
        neighbor.setNextHop(nextHop)
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            // Routes of a lost session are on their way out already.
            guard nextHop != .unreachable || neighbor.session != nil || table.holdsStaleRoutes else { continue }
            beginReselection(of: .neighbor, neighbor, table)
        }
    }

    /// Transports to PEs that an internal neighbor's routes may name have come or gone.
    func followTransports(to providers: Set<IPAddress>, of neighbor: NeighborState) {
        for family in SessionFamily.allCases where family.isVPN {
            beginReselection(of: .providers(providers), neighbor, neighbor.received[family])
        }
    }

    /// At once if the routes are few.
    private func beginReselection(
        of scope: RouteReselection.Scope, _ neighbor: NeighborState, _ table: AdjRIBInTable
    ) {
        guard let count = table.beginReselection(of: scope), count <= Self.routesRemovedAtOnce else { return }
        _ = reselect(neighbor, table, limit: count)
    }

    /// - Returns: how many routes were looked at.
    private func reselect(_ neighbor: NeighborState, _ table: AdjRIBInTable, limit: Int) -> Int {
        var looked = 0
        while looked < limit, let (nlri, route) = table.nextOfReselection() {
            looked += 1
            if let route {
                imports.followNextHop(nlri, route, of: neighbor)
                relay.followNextHop(nlri, of: neighbor)
            }
        }
        table.endReselection()
        return looked
    }

    /// Goes on with what is done in portions, and returns how many routes were looked at.
    func continueSweeping(_ neighbor: NeighborState, _ family: SessionFamily, limit: Int) -> Int {
        let table = neighbor.received[family]
        let swept = sweep(neighbor, table, limit: limit)
        return swept + reselect(neighbor, table, limit: limit - swept)
    }

    func isSweeping(_ neighbor: NeighborState) -> Bool {
        SessionFamily.allCases.contains { family in
            neighbor.received[family].sweep != nil || neighbor.received[family].reselection != nil
        }
    }
}
