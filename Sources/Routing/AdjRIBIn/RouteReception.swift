import Addressing
import BGP

/// From UPDATE to Adj-RIB-In: has each route judged, and keeps it or counts it as withdrawn.
final class RouteReception {
    private let context: RoutingContext
    private let imports: RouteImport
    private let routes: ReceivedRoutes
    private let judge: RouteJudge
    /// What is kept of the attributes that come in.
    private var keptAttributes = AttributePolicy()
    /// The same of MVPN and EVPN routes: what their label fields mean has to be known when they come to be given others.
    private var keptOfSignalling = AttributePolicy()

    init(_ context: RoutingContext, _ imports: RouteImport, _ routes: ReceivedRoutes, _ judge: RouteJudge) {
        self.context = context
        self.imports = imports
        self.routes = routes
        self.judge = judge
    }

    func keepAttributes(_ policy: AttributePolicy) {
        keptAttributes = policy
        keptOfSignalling = AttributePolicy(
            passedTypeCodes: policy.passedTypeCodes.union(PathAttributes.typesThatSayEncapsulations))
    }

    /// - Returns: why the session is to end, if it is.
    func receive(_ update: Update, from neighbor: NeighborState) -> SessionResetReason? {
        guard let session = neighbor.session else { return nil }
        for nlri in update.withdrawn {
            neighbor.received.table(of: nlri)?.forgetRejected(nlri)
            routes.remove(nlri, of: neighbor)
        }
        guard !update.announced.isEmpty else { return nil }
        // What goes on to nobody is not kept: a stranger must not fill our memory with what we cannot read.
        // What is reflected goes on as it is.
        let announced = update.announced.first?.nlri.sessionFamily
        let isReflected = announced.map { context.isReflected($0, of: neighbor) } ?? false
        let kept = announced?.isSignalling == true ? keptOfSignalling : keptAttributes
        let attributes = neighbor.received.held(
            isReflected ? update.attributes : kept.withoutUnwanted(update.attributes))
        let leavesOutAttributes = attributes.unrecognized.count < update.attributes.unrecognized.count
        var judgement = UpdateJudgement(judge, of: attributes, from: neighbor, session)
        for route in update.announced {
            let nlri = route.nlri
            guard let family = nlri.sessionFamily, session.families.contains(family) else { continue }
            let table = neighbor.received[family]
            guard !table.isDisabled else { continue }
            switch judgement.verdict(on: route, family) {
            case .rejected(let reason): routes.reject(nlri, attributes, from: neighbor, in: table, reason)
            case .permitted(let changed):
                let candidate = Candidate(
                    nlri: nlri, family: family, labels: ReceivedLabels(route.labels),
                    attributes: attributes, changedAttributes: changed.map(neighbor.received.held),
                    peerIdentifier: session.peerIdentifier)
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
        let changedAttributes: PathAttributes?
        let peerIdentifier: IPv4Address

        /// What it is used with.
        var usedAttributes: PathAttributes { changedAttributes ?? attributes }
    }

    private func accept(
        _ new: Candidate, from neighbor: NeighborState, in table: AdjRIBInTable
    ) -> SessionResetReason? {
        let found = imports.importers(of: new.nlri, new.usedAttributes, from: neighbor)
        let importers = found.vrfs
        if let rejection = found.rejection { routes.count(rejection, new.nlri, from: neighbor, in: table) }
        let entersVRFs = neighbor.inputs.entersVRFs(in: new.family)
        if importers.isEmpty, entersVRFs {
            table.countNotKept()
            guard context.keepsWithoutImport(new.attributes, new.family, of: neighbor) else {
                table.noteLeftOutRoutes()
                routes.remove(new.nlri, of: neighbor)
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
            of: new.attributes, new.labels, replacing: former, neighbor.inputs)
        if let refusal {
            routes.rejectForLimits(new.nlri, new.attributes, from: neighbor, in: table, refusal)
            return nil
        }
        if former == nil, let limit = neighbor.inputs.families[new.family]?.prefixLimit,
            let reason = excess(table.heldCount + 1, limit, new.family, of: neighbor)
        {
            return reason
        }
        let route = table.route(
            new.attributes, changedTo: new.changedAttributes, new.labels, peerIdentifier: new.peerIdentifier,
            learnedAt: context.now, isImported: !entersVRFs || !importers.isEmpty)
        routes.insert(route, new.nlri, replacing: former, of: neighbor, in: table, importers: importers)
        return nil
    }

    /// By `maximum-prefix`: why the session of a neighbor that has `count` routes, one more than before, is to end; `nil` if it may go on.
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
}
