import Addressing
import BGP

/// The box as a relay of VPN routes between NNIs and the operator's own network (Option B, RFC 4364 §10 b): follows what
/// neighbors send, decides for whom it goes on, and which labels that calls for. A route that a VRF of this box exports under the
/// same route distinguisher goes before it.
///
/// It keeps no copy of a route, only who has sent it, and for each neighbor which source the routes have that it is given. It is
/// the label of a source that is swapped: by default one for all routes of a next hop with the same label. A route whose
/// source is new to a neighbor waits for the label and stays as it was sent until then.
final class RouteRelay: RelayLabels {
    private let context: RoutingContext
    let neighbors: RoutingNeighbors
    private let nextHops: RouteNextHops
    private var senders = RouteSenders()
    /// The routes by the targets that they have here, while there are neighbors that say which they want.
    private var targets = RouteTargetIndex()
    private var sources = RelaySources()
    let distinguishers: NetworkDistinguishers
    private let joinable: JoinableRoutes
    private var heard = HeardLabels()
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    private var demand = RelayLabelDemand()
    /// Those that are given relayed routes in any family, in the order of their addresses.
    private(set) var receivers: [NeighborState] = []
    /// Who has been given relayed routes, whether he is at present or not: he may still use labels.
    private var told: [NeighborIdentity] = []

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ nextHops: RouteNextHops,
        _ distinguishers: NetworkDistinguishers, _ joinable: JoinableRoutes
    ) {
        self.context = context
        self.neighbors = neighbors
        self.nextHops = nextHops
        self.distinguishers = distinguishers
        self.joinable = joinable
    }

    // MARK: What neighbors have sent

    /// A route of `neighbor` has come, is another or is gone.
    ///
    /// - Parameter former: the route as it was before; `nil` for a new one.
    func follow(_ nlri: NLRI, of neighbor: NeighborState, former: AdjRIBInTable.Route?) {
        guard let family = nlri.sessionFamily, family.isVPN, isSender(neighbor, family) else { return }
        let route = neighbor.received[family].routes[nlri]
        if let route { noteAnew(nlri, route, of: neighbor) }
        // The new one first: a distinguisher does not go with a route that comes again as another.
        count(nlri, route, 1, of: neighbor)
        count(nlri, former, -1, of: neighbor)
        if let route {
            senders.insert(nlri, of: neighbor)
            index(nlri, route, family, of: neighbor)
            if targets.isOutworn { index() }
        } else {
            _ = senders.remove(nlri, of: neighbor)
        }
        decide(nlri, family)
        if route == nil, let former { noteGone(nlri, family, former, of: neighbor) }
    }

    /// A route has come. Where it is the first of its next hop and label, what they meant before does not count.
    private func noteAnew(_ nlri: NLRI, _ route: AdjRIBInTable.Route, of neighbor: NeighborState) {
        guard let key = RelaySourceKey(route, of: neighbor), !heard.has(key),
            let target = SwapTarget(Path(route, nlri, of: neighbor, nextHop: .unreachable))
        else { return }
        for identity in told { demand.noteAnew(LabelOwner(.relayed(target), neighbor: identity)) }
    }

    /// A route is not sent any more. Where it was the last of its next hop and label, nobody may use labels that lead there; nor
    /// one of its own that nothing else has taken over.
    private func noteGone(
        _ nlri: NLRI, _ family: SessionFamily, _ former: AdjRIBInTable.Route, of neighbor: NeighborState
    ) {
        guard let target = SwapTarget(Path(former, nlri, of: neighbor, nextHop: .unreachable)) else { return }
        let isLast = RelaySourceKey(former, of: neighbor).map { !heard.has($0) } ?? false
        for identity in told {
            if isLast { demand.noteGone(LabelOwner(.relayed(target), neighbor: identity)) }
            guard case .vpn(let prefix) = nlri,
                neighbors[identity.peer]?.inputs.families[family]?.relay.hasLabelPerPrefix == true,
                tables[identity.peer]?.sources[nlri]?.subject != .relayedPrefix(prefix)
            else { continue }
            demand.noteGone(.swap(target), LabelOwner(.relayedPrefix(prefix), neighbor: identity))
        }
    }

    /// The next hop of a route has come or gone.
    func followNextHop(_ nlri: NLRI, of neighbor: NeighborState) {
        guard let family = nlri.sessionFamily, family.isVPN, isSender(neighbor, family) else { return }
        decide(nlri, family)
    }

    private func isSender(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        context.isRelaying && (neighbor.isInternal || neighbor.role(in: family) == .optionB)
    }

    private func count(_ nlri: NLRI, _ route: AdjRIBInTable.Route?, _ change: Int, of neighbor: NeighborState) {
        guard let route else { return }
        if let key = RelaySourceKey(route, of: neighbor) { heard.count(key, change) }
        distinguishers.count(nlri, route, change, of: neighbor)
    }

    /// A route was refused for its route distinguisher.
    func noteRefused(_ distinguisher: RouteDistinguisher, of neighbor: NeighborState) {
        distinguishers.noteRefused(distinguisher, of: neighbor.peer)
    }

    /// What routes of the core have led to since it was asked last.
    func takeConsequences() -> NetworkDistinguishers.Consequences { distinguishers.takeConsequences() }

    // MARK: What goes on

    /// What `neighbor` is to have of what others have sent; `nil` if nothing, or nothing as yet.
    ///
    /// What is best may be another than when it was decided on: many routes' next hops come and go in portions. Then that is for
    /// ``decide`` to settle.
    func export(_ nlri: NLRI, to neighbor: NeighborState) -> Export? {
        guard let table = tables[neighbor.peer], let label = table.label(of: nlri), let path = best(nlri),
            let family = nlri.sessionFamily, table.sources[nlri]?.target == LabelTarget(path),
            OptionBRole.relays(path, of: nlri, family, to: neighbor),
            !neighbor.saysWhatItWants
                || neighbor.membership.wants(OptionBRole.targets(of: path, family, to: neighbor))
        else { return nil }
        return Export(vrf: nil, label: GivenLabel(label), path: path, isRelayed: true)
    }

    /// The path of a route that a neighbor is given; `nil` for one that it is not.
    func path(of nlri: NLRI, givenTo neighbor: NeighborState) -> Path? {
        tables[neighbor.peer]?.sources[nlri] == nil ? nil : best(nlri)
    }

    /// Whether a route is to be given as soon as there is a label for it, or when it has been decided on: what the neighbor has
    /// stays until then.
    func isWaiting(_ nlri: NLRI, for neighbor: NeighborState) -> Bool {
        guard let table = tables[neighbor.peer], let family = nlri.sessionFamily, let source = table.sources[nlri],
            let path = best(nlri), OptionBRole.relays(path, of: nlri, family, to: neighbor)
        else { return false }
        return source.target != LabelTarget(path) || table.isWaiting(nlri)
    }

    private func best(_ nlri: NLRI) -> Path? { senders.best(nlri, nextHop: nextHops.state) }

    private func decide(_ nlri: NLRI, _ family: SessionFamily) {
        guard !receivers.isEmpty else { return }
        let best = best(nlri)
        joinable.noteDecided(nlri, best)
        for receiver in receivers { decide(nlri, family, best, for: receiver) }
    }

    /// Routers of the own network have become known: what other operators say of joins to them does not go on.
    func followNewRouters() {
        let routers = context.takeNewRouters()
        guard !routers.isEmpty else { return }
        for nlri in joinable.routes(joinedAt: routers).sorted() {
            if let family = nlri.sessionFamily { decide(nlri, family) }
        }
    }

    private func decide(_ nlri: NLRI, _ family: SessionFamily, _ best: Path?, for neighbor: NeighborState) {
        guard let table = table(for: neighbor, family) else { return }
        var wanted: Path?
        // A label is called for where the route is wanted, so not before the neighbor has said what it wants.
        if let best, mayGo(best, nlri, family, to: neighbor),
            !neighbor.saysWhatItWants
                || neighbor.membership.wants(OptionBRole.targets(of: best, family, to: neighbor))
        {
            wanted = best
        }
        let former = table.sources[nlri]
        guard let wanted, let source = source(of: wanted, nlri, former, for: neighbor, family, table) else {
            if let former {
                release(former, of: nlri, in: table, end(of: former, nlri, family, for: neighbor, isReplaced: false))
            }
            return neighbor.enqueueIfSent(nlri)
        }
        if source !== former {
            if table.set(source, for: nlri) { demand.noteWanted(source.target, table.owner(of: source)) }
            if let former {
                release(former, of: nlri, in: table, end(of: former, nlri, family, for: neighbor, isReplaced: true))
            }
        }
        if table.isReady(nlri, source) { neighbor.enqueue(nlri, like: wanted.attributes) }
    }

    /// The source of a path, as the neighbor's labels have it.
    private func source(
        of path: Path, _ nlri: NLRI, _ former: RelaySource?, for neighbor: NeighborState, _ family: SessionFamily,
        _ table: RelayedRoutes
    ) -> RelaySource? {
        guard neighbor.inputs.families[family]?.relay.hasLabelPerPrefix == true, case .vpn(let prefix) = nlri else {
            return sources.source(of: path)
        }
        guard let target = LabelTarget(path) else { return nil }
        guard let former, case .relayedPrefix = former.subject else {
            return RelaySource(.relayedPrefix(prefix), target)
        }
        if former.target != target {
            former.redirect(to: target)
            demand.noteWanted(target, table.owner(of: former))
        }
        return former
    }

    /// Whether a path's route may go to a neighbor: who is told by no route has no business with its label.
    private func mayGo(_ path: Path, _ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> Bool {
        guard OptionBRole.relays(path, of: nlri, family, to: neighbor) else { return false }
        let export = Export(vrf: nil, label: .implicitNull, path: path, isRelayed: true)
        return export.applying(neighbor.exportPolicy(in: family), to: nlri.prefix, for: neighbor) != nil
    }

    /// What becomes of the label that a route was given by: where whoever it leads to has the route, and the neighbor may have that of
    /// none of them, it is refused. Another label of theirs is no reason. Nor is another next hop, if the neighbor is given the route by
    /// that.
    private func end(
        of source: RelaySource, _ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState, isReplaced: Bool
    ) -> RelayLabelDemand.End {
        guard case .swap(let target) = source.target else { return .superseded }
        var (isOfWay, isAnyThere, mayAnyGo) = (false, false, false)
        for sender in senders.senders(of: nlri) {
            guard let route = sender.received[family].routes[nlri] else { continue }
            let path = Path(route, nlri, of: sender, nextHop: .resolved)
            let leadsThere = SwapTarget(path)?.way == target.way
            isAnyThere = true
            if leadsThere { isOfWay = true }
            guard mayGo(path, nlri, family, to: neighbor) else { continue }
            if leadsThere { return .superseded }
            mayAnyGo = true
        }
        return isOfWay || (!isReplaced && isAnyThere && !mayAnyGo) ? .refused : .superseded
    }

    private func release(
        _ source: RelaySource, of nlri: NLRI, in table: RelayedRoutes, _ end: RelayLabelDemand.End
    ) {
        let owner = table.owner(of: source)
        if table.remove(source, of: nlri) { demand.noteUnwanted(owner, end) }
        sources.forgetIfUnused(source)
    }

    // MARK: Neighbors that are given routes

    /// The routes of a neighbor that holds labels; `nil` for one that is given nothing in the family.
    private func table(for neighbor: NeighborState, _ family: SessionFamily) -> RelayedRoutes? {
        guard neighbor.isGivenRelayed(in: family), neighbor.holdsLabels(now: context.now),
            neighbor.session.map({ $0.families.contains(family) }) ?? true, let identity = neighbor.inputs.identity
        else { return nil }
        if let known = tables[neighbor.peer], known.identity == identity { return known }
        forget(neighbor.peer, .gone)
        let new = RelayedRoutes(identity)
        tables[neighbor.peer] = new
        if !told.contains(identity) { told = (told + [identity]).sorted() }
        return new
    }

    /// The inputs are others, and the neighbors follow them already.
    func configure(_ old: RoutingInputs) {
        joinable.configure(context.inputs)
        receivers = neighbors.inOrder.filter { neighbor in
            SessionFamily.allCases.contains { neighbor.isGivenRelayed(in: $0) }
        }
        for (peer, table) in tables.sorted(by: { $0.key < $1.key }) {
            let isAnother = neighbors[peer]?.inputs.identity != table.identity
            guard isAnother || !receivers.contains(where: { $0.peer == peer }) else { continue }
            // One that is given nothing any more uses its labels until it has read that, if it is there.
            forget(peer, isAnother ? .gone : .refused)
        }
        told.removeAll { neighbors[$0.peer]?.inputs.identity != $0 }
        guard old.relaying != context.inputs.relaying else { return }
        senders.removeAll()
        distinguishers.beginRecount()
        heard = HeardLabels()
        for neighbor in neighbors.inOrder {
            for family in SessionFamily.allCases where family.isVPN && isSender(neighbor, family) {
                for (nlri, route) in neighbor.received[family].routes {
                    senders.insert(nlri, of: neighbor)
                    count(nlri, route, 1, of: neighbor)
                }
            }
        }
        index()
        for receiver in receivers { enqueueRoutes(for: receiver) }
    }

    /// Brings the routes under their targets.
    private func index() {
        targets = RouteTargetIndex()
        guard context.hasMembership else { return }
        for nlri in senders.all {
            guard let family = nlri.sessionFamily else { continue }
            for sender in senders.senders(of: nlri) {
                if let route = sender.received[family].routes[nlri] { index(nlri, route, family, of: sender) }
            }
        }
        targets.noteFresh()
    }

    private func index(_ nlri: NLRI, _ route: AdjRIBInTable.Route, _ family: SessionFamily, of sender: NeighborState) {
        guard context.hasMembership, let origin = sender.inputs.families[family] else { return }
        targets.insert(nlri, OptionBRole.targets(of: route.usedAttributes, from: sender, origin))
    }

    /// Decides on all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard receivers.contains(where: { $0 === neighbor }) else { return }
        let known = tables[neighbor.peer].map { Array($0.sources.keys) } ?? []
        for nlri in known where nlri.sessionFamily.map({ table(for: neighbor, $0) == nil }) ?? false {
            // A family that it does not carry any more.
            guard let table = tables[neighbor.peer], let source = table.sources[nlri] else { continue }
            release(source, of: nlri, in: table, .refused)
        }
        for nlri in senders.all {
            guard let family = nlri.sessionFamily else { continue }
            let best = best(nlri)
            joinable.noteDecided(nlri, best)
            decide(nlri, family, best, for: neighbor)
        }
        // What nobody sends any more.
        for nlri in known where tables[neighbor.peer]?.sources[nlri] != nil {
            guard let family = nlri.sessionFamily, best(nlri) == nil else { continue }
            joinable.noteDecided(nlri, nil)
            decide(nlri, family, nil, for: neighbor)
        }
    }

    /// Decides on the routes of targets that `neighbor` has come to want, or not to want.
    func enqueueRoutes(of changes: [RouteTargetPrefix], for neighbor: NeighborState) {
        guard receivers.contains(where: { $0 === neighbor }) else { return }
        for family in SessionFamily.allCases where neighbor.isGivenRelayed(in: family) {
            guard let exported = neighbor.inputs.families[family]?.relay.exported else { continue }
            let concerned = Set(changes.flatMap { exported.listed(becoming: $0) }).map { RouteTargetPrefix($0) }
            for nlri in concerned.reduce(into: Set<NLRI>(), { $0.formUnion(targets.routes(of: $1)) })
            where nlri.sessionFamily == family {
                let best = best(nlri)
                joinable.noteDecided(nlri, best)
                decide(nlri, family, best, for: neighbor)
            }
        }
    }

    /// What a neighbor was told does not count any more.
    ///
    /// - Parameter end: what becomes of its labels.
    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (nlri, source) in table.sources { release(source, of: nlri, in: table, end) }
    }

    // MARK: Labels

    /// What has changed of the labels that are called for.
    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? { sources.source(of: owner, in: table) }

    func attributes(of nlri: NLRI) -> PathAttributes? { best(nlri)?.attributes }
}

extension NeighborState {
    /// Whether routes are relayed to it.
    fileprivate func isGivenRelayed(in family: SessionFamily) -> Bool {
        guard family.isVPN, let role = role(in: family), inputs.families[family]?.relay.exported.isEmpty == false else {
            return false
        }
        return role == .optionB || role.isInternal
    }
}
