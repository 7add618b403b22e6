import Addressing
import BGP

/// Many routes of a neighbor that are to be looked at, at once if they are few.
extension RouteAdvertising {
    /// So many are looked at at once; more in portions. Each may call for a label, which costs more than to sweep a route out.
    private static let routesLookedAtAtOnce = 1000
    /// How many routes that are swept one that is looked at here costs.
    private static let stepsOfARoute = 4

    // MARK: What is looked at

    /// Notes all routes of the VRF that `neighbor` is to have and does not have as they are.
    func enqueueRoutes(of vrf: VRFState, for neighbor: NeighborState) {
        review([routes(of: vrf, for: neighbor)], of: neighbor)
    }

    /// The same of all VRFs, since its session is up or it wants others. VRFs, or routes, that call for labels may have gone while it
    /// was away.
    func enqueueRoutesOfVRFs(for neighbor: NeighborState) {
        review(
            vrfs.inOrder.map { routes(of: $0, for: neighbor) } + [.labelled(labelSources.routes(of: neighbor))],
            of: neighbor)
    }

    /// Notes what differs from what the neighbors were sent, now that the inputs are others.
    func reviseExports(_ old: RoutingInputs) {
        let inputs = context.inputs
        // What VRFs give may be other targets.
        for neighbor in neighbors.all { neighbor.membership.forgetAnswers() }
        membership.configure()
        let changed = Set(old.vrfs.keys).union(inputs.vrfs.keys).filter { name in
            inputs.vrfs[name].map { $0.exports(unlike: old.vrfs[name]) } ?? true
        }
        let distinguishers = Set(
            [old, inputs].flatMap { inputs in changed.compactMap { inputs.vrfs[$0]?.routeDistinguisher } })
        let areClientsChanged = old.reflectorClients != inputs.reflectorClients
        let numbers = Set([old, inputs].flatMap { inputs in changed.compactMap { inputs.vrfs[$0]?.number } })
        for neighbor in neighbors.inOrder {
            let isNeighborChanged =
                old.neighbors[neighbor.peer] != neighbor.inputs || neighbor.peer.vrf.map(numbers.contains) == true
                || (areClientsChanged && neighbor.isInternal)
            guard neighbor.session != nil else {
                // What it may not have any more it loses before it is back.
                if isNeighborChanged || !distinguishers.isEmpty {
                    review([labelled(isNeighborChanged ? nil : distinguishers, of: neighbor)], of: neighbor)
                }
                continue
            }
            if isNeighborChanged || !distinguishers.isEmpty {
                review(
                    concerned(isNeighborChanged ? nil : distinguishers, of: neighbor),
                    of: neighbor)
            }
            if isNeighborChanged { reflection.enqueueRoutes(for: neighbor) }
            enqueueLoopbacks(for: neighbor)
        }
    }

    /// The session is lost before all was looked at: what the neighbor may not have any more it loses before it is back.
    func reviewAway(_ neighbor: NeighborState) { review([labelled(nil, of: neighbor)], of: neighbor) }

    /// What is to be looked at of a neighbor, of these route distinguishers or of all with `nil`.
    private func concerned(
        _ distinguishers: Set<RouteDistinguisher>?, of neighbor: NeighborState
    ) -> [ExportReview.Part] {
        var parts: [ExportReview.Part] = []
        for vrf in vrfs.inOrder where distinguishers?.contains(vrf.inputs.routeDistinguisher) ?? true {
            parts.append(routes(of: vrf, for: neighbor))
        }
        parts.append(labelled(distinguishers, of: neighbor))
        for family in SessionFamily.allCases where neighbor.inputs.entersVRFs(in: family) || family.isSignalling {
            var sent: [NLRI] = []
            for nlri in neighbor.advertised[family].routes.keys {
                if let distinguishers {
                    guard let vpnPrefix = nlri.vpnPrefix, distinguishers.contains(vpnPrefix.routeDistinguisher) else {
                        continue
                    }
                }
                sent.append(nlri)
            }
            parts.append(.sent(sent))
        }
        return parts
    }

    /// What of it calls for labels.
    private func labelled(
        _ distinguishers: Set<RouteDistinguisher>?, of neighbor: NeighborState
    ) -> ExportReview.Part {
        var labelled: [NLRI] = []
        for nlri in labelSources.routes(of: neighbor) {
            let distinguisher =
                nlri.vpnPrefix?.routeDistinguisher ?? vrf(exporting: nlri, to: neighbor)?.inputs.routeDistinguisher
            if let distinguisher, let distinguishers, !distinguishers.contains(distinguisher) { continue }
            labelled.append(nlri)
        }
        return .labelled(labelled)
    }

    private func routes(of vrf: VRFState, for neighbor: NeighborState) -> ExportReview.Part {
        guard mayBeGiven(vrf, to: neighbor) else { return .vrf(vrf, []) }
        let isCustomer = neighbor.peer.vrf == vrf.number
        var prefixes = vrf.locals.keys.sorted()
        // A default route that the VRF need not have.
        if isCustomer { for family in AddressFamily.allCases { prefixes.append(.everything(family)) } }
        if isCustomer || vrf.inputs.allowsTransit || context.hasInternalNeighbors
            || !neighbors.customers(of: vrf.number).isEmpty
        {
            prefixes += vrf.paths.keys
        }
        return .vrf(vrf, prefixes)
    }

    private func mayBeGiven(_ vrf: VRFState, to neighbor: NeighborState) -> Bool {
        neighbor.session != nil
            && (neighbor.peer.vrf == vrf.number || vrf.inputs.eligibleNeighbors.contains(neighbor.peer))
    }

    // MARK: Portions

    private func review(_ parts: [ExportReview.Part], of neighbor: NeighborState) {
        neighbor.advertised.beginReview(of: parts)
        let count = neighbor.advertised.review.routesLeft
        if count <= Self.routesLookedAtAtOnce { look(count, neighbor) }
    }

    /// Whether there are routes to look at in portions.
    func isReviewing(_ neighbor: NeighborState) -> Bool { !neighbor.advertised.review.isOver }

    /// Goes on with that, and returns as how many routes that are swept it counts.
    func continueReview(_ neighbor: NeighborState, limit: Int) -> Int {
        guard limit > 0, isReviewing(neighbor) else { return 0 }
        return look(max(1, limit / Self.stepsOfARoute), neighbor) * Self.stepsOfARoute
    }

    /// - Returns: how many routes were looked at.
    @discardableResult
    private func look(_ limit: Int, _ neighbor: NeighborState) -> Int {
        var looked = 0
        while looked < limit, let step = neighbor.advertised.nextOfReview() {
            looked += 1
            switch step {
            case .prefix(let prefix, let vrf):
                if vrfs[vrf.number] === vrf, mayBeGiven(vrf, to: neighbor) { look(prefix, of: vrf, neighbor) }
            case .labelled(let nlri):
                guard neighbor.session != nil else {
                    reviseAway(nlri, at: neighbor)
                    continue
                }
                if let family = nlri.sessionFamily { callForLabel(nlri, family, to: neighbor) }
            case .sent(let nlri): noteIfOutOfDate(nlri, at: neighbor)
            }
        }
        neighbor.advertised.endReview()
        return looked
    }

    private func look(_ prefix: IPPrefix, of vrf: VRFState, _ neighbor: NeighborState) {
        let nlri: NLRI =
            neighbor.peer.vrf == vrf.number
            ? self.nlri(of: prefix, toCustomer: neighbor)
            : .vpn(VPNPrefix(routeDistinguisher: vrf.inputs.routeDistinguisher, prefix: prefix))
        if let family = nlri.sessionFamily { callForLabel(nlri, family, to: neighbor) }
        noteIfOutOfDate(nlri, at: neighbor, of: vrf)
    }

    /// Notes a route if what `neighbor` was sent for it is not what it is to have now.
    private func noteIfOutOfDate(_ nlri: NLRI, at neighbor: NeighborState, of vrf: VRFState? = nil) {
        guard let family = nlri.sessionFamily else { return }
        let sent = neighbor.advertised[family].routes[nlri]
        guard let export = export(nlri, to: neighbor) else {
            if let sent, !stays(sent, nlri, family, at: neighbor) {
                neighbor.advertised.enqueueReviewed(nlri, like: sent.attributes)
            }
            return
        }
        if let sent, sent.label == export.label, sent.attributes == attributes(of: export, family, to: neighbor) {
            return
        }
        neighbor.advertised.enqueueReviewed(
            nlri, like: vrf.map { $0.learntAttributes(of: nlri.prefix) } ?? sent?.attributes)
    }

    /// Whether a route has yet to be looked at before it can be said what it is to be given by: its label means what it is to mean no
    /// longer, or it has none that is its own.
    func isToBeLookedAt(_ nlri: NLRI, _ family: SessionFamily, at neighbor: NeighborState) -> Bool {
        guard isReviewing(neighbor), family.hasLabels, let vrf = vrf(exporting: nlri, to: neighbor),
            neighbor.advertised.review.covers(vrf)
        else { return false }
        return labelSources.subject(of: nlri, to: neighbor)
            != calledSource(nlri, family, of: vrf, to: neighbor)?.subject
    }
}
