import Addressing
import BGP

/// The box as a relay of MVPN and EVPN routes between NNIs and the operator's own network: as ``RouteRelay`` is one of VPN routes, and
/// with the same lists. Their labels stand in attributes, up to two in one route, and each that a next hop gave has one of ours in its
/// place (``SignalledLabels``).
///
/// Leaves and customers' joins answer routes that went the other way, and go to where those came from.
final class SignallingRelay {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let nextHops: RouteNextHops
    private let vpn: RouteRelay
    private let distinguishers: NetworkDistinguishers
    private let joinable: JoinableRoutes
    /// Under Ethernet frames, and under packets of IP.
    let (frames, packets): (SignalledLabels, SignalledLabels)
    private var senders = RouteSenders()
    private var answers = AnsweredRoutes()
    /// Those that are given relayed routes in any family, in the order of their addresses.
    private var receivers: [NeighborState] = []

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ nextHops: RouteNextHops, _ vpn: RouteRelay,
        _ distinguishers: NetworkDistinguishers, _ joinable: JoinableRoutes
    ) {
        self.context = context
        self.neighbors = neighbors
        self.nextHops = nextHops
        self.vpn = vpn
        self.distinguishers = distinguishers
        self.joinable = joinable
        frames = SignalledLabels(.frame, neighbors)
        packets = SignalledLabels(.packet, neighbors)
    }

    var receiverCount: Int { receivers.count }

    // MARK: What neighbors have sent

    /// A route of `neighbor` has come, is another or is gone.
    ///
    /// - Parameter former: the route as it was before; `nil` for a new one.
    func follow(_ nlri: NLRI, of neighbor: NeighborState, former: AdjRIBInTable.Route?) {
        guard let family = nlri.sessionFamily, family.isSignalling, isSender(neighbor, family) else { return }
        let route = neighbor.received[family].routes[nlri]
        for (labels, target) in targets(of: route, nlri, neighbor) {
            labels.noteAnew(target)
            labels.count(target, 1)
        }
        let gone = targets(of: former, nlri, neighbor)
        for (labels, target) in gone { labels.count(target, -1) }
        // The new one first: a distinguisher does not go with a route that comes again as another.
        distinguishers.count(nlri, route, 1, of: neighbor)
        distinguishers.count(nlri, former, -1, of: neighbor)
        if route != nil {
            senders.insert(nlri, of: neighbor)
        } else {
            _ = senders.remove(nlri, of: neighbor)
        }
        answers.note(nlri, isThere: !senders.senders(of: nlri).isEmpty)
        decide(nlri, family)
        if route == nil { for (labels, target) in gone { labels.noteGone(target) } }
    }

    /// The next hop of a route has come or gone.
    func followNextHop(_ nlri: NLRI, of neighbor: NeighborState) {
        guard let family = nlri.sessionFamily, family.isSignalling, isSender(neighbor, family) else { return }
        decide(nlri, family)
    }

    /// VPN routes have been decided on: customers may join them, or may not any more.
    func followRelayed() {
        var changed: Set<RouteDistinguisher> = []
        for nlri in joinable.takeDecided() {
            var openings: Set<JoinableRoutes.Opening> = []
            for joiner in receivers {
                guard let path = vpn.path(of: nlri, givenTo: joiner) else { continue }
                for named in JoinableRoutes.names(of: nlri, path.attributes) {
                    openings.insert(.init(named: named, joiner: joiner.peer, sender: Self.sender(path.neighbor)))
                }
            }
            if joinable.set(openings, of: nlri), let distinguisher = nlri.routeDistinguisher {
                changed.insert(distinguisher)
            }
        }
        for distinguisher in changed.sorted() {
            for join in answers.joins(of: distinguisher).sorted() {
                if let family = join.sessionFamily { decide(join, family) }
            }
        }
    }

    /// Of the own network all are one.
    private static func sender(_ neighbor: NeighborState) -> PeerAddress? { neighbor.isInternal ? nil : neighbor.peer }

    private func isSender(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        context.isRelaying && (neighbor.isInternal || neighbor.role(in: family) == .optionBSignalling)
    }

    /// Where the labels of a route lead.
    private func targets(
        of route: AdjRIBInTable.Route?, _ nlri: NLRI, _ neighbor: NeighborState
    ) -> [(SignalledLabels, SwapTarget)] {
        guard let route, case .labels(let labels) = ServiceLabels.reading(nlri, route.usedAttributes) else { return [] }
        let path = Path(route, nlri, of: neighbor, nextHop: .unreachable)
        return [(frames, labels.frames), (packets, labels.packets)].compactMap { place, label in
            label.flatMap { SwapTarget($0, under: place.stack, of: path) }.map { (place, $0) }
        }
    }

    // MARK: What goes on

    /// A route as it goes to a neighbor.
    private struct Outgoing {
        let path: Path
        let targets: [ExtendedCommunity]
        /// Where its labels lead.
        let frames: SwapTarget?
        let packets: SwapTarget?
    }

    private func best(_ nlri: NLRI) -> Path? { senders.best(nlri, nextHop: nextHops.state) }

    private func outgoing(_ path: Path, _ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> Outgoing?
    {
        guard isGiven(neighbor, family), OptionBRole.mayGo(path, family, to: neighbor),
            case .labels(let labels) = ServiceLabels.reading(nlri, path.attributes)
        else { return nil }
        let targets =
            nlri.isAnswer
            ? namedTargets(path, nlri, to: neighbor) : OptionBSignallingRole.targets(of: path, family, to: neighbor)
        guard !targets.isEmpty else { return nil }
        return Outgoing(
            path: path, targets: targets,
            frames: labels.frames.flatMap { SwapTarget($0, under: frames.stack, of: path) },
            packets: labels.packets.flatMap { SwapTarget($0, under: packets.stack, of: path) })
    }

    /// The target that an answer has at the neighbor; none where it answers nothing that came from there and went to who answers.
    private func namedTargets(_ path: Path, _ nlri: NLRI, to neighbor: NeighborState) -> [ExtendedCommunity] {
        let named = path.attributes.extendedCommunities.filter { $0.routeTarget != nil }
        if let answered = nlri.answeredRoute {
            guard let family = answered.sessionFamily, let question = best(answered), isBehind(question, neighbor),
                outgoing(question, answered, family, to: path.neighbor) != nil
            else { return [] }
            // RFC 6514 §9.2.3.4.1: who answers names the next hop that it was told, which is this box; so does this box in turn.
            if names(named, path.neighbor.inputs.localAddress) {
                guard case .ipv4(let nextHop)? = question.attributes.nextHop?.resolvedAddress else { return [] }
                return [ExtendedCommunity(naming: nextHop)]
            }
            guard case .ipv4(let originator)? = answered.originator, names(named, .ipv4(originator)) else { return [] }
            return [ExtendedCommunity(naming: originator)]
        }
        guard let distinguisher = nlri.routeDistinguisher else { return [] }
        let found = named.first { community in
            joinable.has(
                .init(
                    named: .init(distinguisher: distinguisher, target: community.rawValue), joiner: path.neighbor.peer,
                    sender: Self.sender(neighbor)))
        }
        return [found].compactMap { $0 }
    }

    private func names(_ communities: [ExtendedCommunity], _ router: IPAddress) -> Bool {
        guard case .ipv4(let address) = router else { return false }
        return communities.contains(ExtendedCommunity(naming: address))
    }

    /// Whether a path came from where the neighbor is.
    private func isBehind(_ path: Path, _ neighbor: NeighborState) -> Bool {
        path.neighbor === neighbor || (path.isInternal && neighbor.isInternal)
    }

    private func decide(_ nlri: NLRI, _ family: SessionFamily) {
        guard !receivers.isEmpty else { return }
        let best = best(nlri)
        for receiver in receivers { decide(nlri, family, best, for: receiver) }
        for leaf in answers.leaves(of: nlri).sorted() {
            let best = self.best(leaf)
            for receiver in receivers { decide(leaf, family, best, for: receiver) }
        }
    }

    private func decide(_ nlri: NLRI, _ family: SessionFamily, _ best: Path?, for neighbor: NeighborState) {
        guard let identity = neighbor.inputs.identity, neighbor.holdsLabels(now: context.now) else { return }
        let wanted = best.flatMap { outgoing($0, nlri, family, to: neighbor) }
        // What is there and leads somewhere may not go to the neighbor.
        let end =
            wanted == nil && best.map { $0.nextHop != .unreachable } == true
            ? RelayLabelDemand.End.refused : .superseded
        let hasFrames = frames.set(wanted?.frames, of: nlri, to: identity, former: end)
        let hasPackets = packets.set(wanted?.packets, of: nlri, to: identity, former: end)
        if wanted == nil {
            neighbor.enqueueIfSent(nlri)
        } else if hasFrames, hasPackets {
            neighbor.enqueue(nlri, like: best?.attributes)
        }
    }

    /// What `neighbor` is to have of a route; `nil` if nothing, or nothing as yet.
    ///
    /// What is best may be another than when it was decided on: many routes' next hops come and go in portions. Then that is for
    /// ``decide`` to settle.
    func announcement(of nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        guard neighbor.exchanges(family), let wanted = best(nlri).flatMap({ outgoing($0, nlri, family, to: neighbor) })
        else { return nil }
        var labels = ServiceLabels()
        if let target = wanted.frames {
            guard let label = frames.label(of: nlri, to: neighbor.peer, leadingTo: target) else { return nil }
            labels.frames = label
        }
        if let target = wanted.packets {
            guard let label = packets.label(of: nlri, to: neighbor.peer, leadingTo: target) else { return nil }
            labels.packets = label
        }
        let attributes = OptionBSignallingRole.attributes(
            of: wanted.path, nlri, family, wanted.targets, labels, to: neighbor,
            autonomousSystem: context.inputs.autonomousSystem)
        guard let attributes else { return nil }
        let given = [labels.frames, labels.packets].compactMap { $0 }
        return AdjRIBOut.Route(
            attributes: attributes, label: given.first.map { GivenLabel($0, beside: given.last) } ?? .implicitNull,
            isOwnLabel: !given.isEmpty)
    }

    /// Whether a route is to be given as soon as there are labels for it, or when it has been decided on: what the neighbor has stays
    /// until then.
    func isWaiting(_ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState) -> Bool {
        guard let wanted = best(nlri).flatMap({ outgoing($0, nlri, family, to: neighbor) }) else { return false }
        return [(frames, wanted.frames), (packets, wanted.packets)].contains { place, target in
            target.map { place.isWaiting(nlri, for: neighbor.peer, leadingTo: $0) } ?? false
        }
    }

    // MARK: Neighbors that are given routes

    private func isGiven(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        neighbor.isGivenSignalled(in: family) && neighbor.holdsLabels(now: context.now)
            && neighbor.session.map { $0.families.contains(family) } ?? true
    }

    /// The inputs are others, and the neighbors and ``RouteRelay`` follow them already.
    func configure(_ old: RoutingInputs) {
        func isGiven(_ neighbor: NeighborState) -> Bool {
            SessionFamily.allCases.contains { neighbor.isGivenSignalled(in: $0) }
        }
        receivers = neighbors.inOrder.filter(isGiven)
        for labels in [frames, packets] { labels.configure(isGiven: isGiven) }
        guard old.relaying != context.inputs.relaying else { return }
        senders.removeAll()
        answers.removeAll()
        for labels in [frames, packets] { labels.forgetHeard() }
        for neighbor in neighbors.inOrder {
            for family in SessionFamily.allCases where family.isSignalling && isSender(neighbor, family) {
                for (nlri, route) in neighbor.received[family].routes {
                    senders.insert(nlri, of: neighbor)
                    answers.note(nlri, isThere: true)
                    distinguishers.count(nlri, route, 1, of: neighbor)
                    for (labels, target) in targets(of: route, nlri, neighbor) { labels.count(target, 1) }
                }
            }
        }
        for receiver in receivers { enqueueRoutes(for: receiver) }
    }

    /// Decides on all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard receivers.contains(where: { $0 === neighbor }) else { return }
        // What is answered may go to it now, so that answers go elsewhere.
        let all = Set(frames.routes(of: neighbor.peer)).union(packets.routes(of: neighbor.peer)).union(senders.all)
        for nlri in all.sorted() {
            guard let family = nlri.sessionFamily else { continue }
            guard nlri.isAnswer else {
                decide(nlri, family, best(nlri), for: neighbor)
                continue
            }
            let best = best(nlri)
            for receiver in receivers { decide(nlri, family, best, for: receiver) }
        }
    }

    /// What a neighbor was told does not count any more.
    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        frames.forget(peer, end)
        packets.forget(peer, end)
    }
}

extension NeighborState {
    /// Whether MVPN or EVPN routes are relayed to it. Where it says nothing of what it may be given, answers to its own go there.
    fileprivate func isGivenSignalled(in family: SessionFamily) -> Bool {
        guard family.isSignalling, let role = role(in: family), let relay = inputs.families[family]?.relay,
            !relay.exported.isEmpty || !relay.imported.isEmpty
        else { return false }
        return role == .optionBSignalling || role.isInternal
    }
}
