import Addressing
import BGP

/// The box as a relay of MVPN and EVPN routes between NNIs and the operator's own network: as ``RouteRelay`` is one of VPN routes, and
/// with the same lists. Their labels stand in attributes, up to two in one route, and each that a next hop gave has one of ours in its
/// place (``SignalledLabels``).
///
/// Leaves and customers' joins answer routes that went the other way, and go to where those came from.
final class SignallingRelay {
    let context: RoutingContext
    let neighbors: RoutingNeighbors
    private let nextHops: RouteNextHops
    let vpn: RouteRelay
    let distinguishers: NetworkDistinguishers
    let joinable: JoinableRoutes
    /// Under Ethernet frames, and under packets of IP.
    let (frames, packets): (SignalledLabels, SignalledLabels)
    let segmentation: SegmentationPoint
    var senders = RouteSenders()
    var answers = AnsweredRoutes()
    /// What each neighbor is given, as it was decided.
    var given: [PeerAddress: [NLRI: SignalledRoute]] = [:]
    var pending = PendingDecisions()
    /// Those that are given relayed routes in any family, in the order of their addresses.
    var receivers: [NeighborState] = []
    /// The families in which anybody is.
    var relayedFamilies: Set<SessionFamily> = []
    /// Routes that nobody counts as a sender of any more, until it has been decided on them.
    var forsaken: [NLRI] = []

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
        segmentation = SegmentationPoint(context, neighbors)
    }

    // MARK: What neighbors have sent

    /// A route of `neighbor` has come, is another or is gone.
    ///
    /// - Parameter former: the route as it was before; `nil` for a new one.
    func follow(_ nlri: NLRI, of neighbor: NeighborState, former: AdjRIBInTable.Route?) {
        guard let family = nlri.sessionFamily, isSender(neighbor, family) else { return }
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
            insert(nlri, family, of: neighbor)
        } else {
            remove(nlri, of: neighbor)
        }
        decide(nlri, family)
        for (labels, target) in gone where !labels.isHeard(target) { segmentation.labels.noteGone(target) }
        if route == nil {
            for (labels, target) in gone { labels.noteGone(target) }
        } else {
            countIdle(nlri, family, of: neighbor)
        }
    }

    func insert(_ nlri: NLRI, _ family: SessionFamily, of neighbor: NeighborState) {
        guard !senders.has(nlri, of: neighbor) else { return }
        guard answers.admits(nlri, of: neighbor.peer) else {
            return context.count(.answersFull, nlri, from: neighbor, in: neighbor.received[family])
        }
        senders.insert(nlri, of: neighbor)
        answers.note(nlri, of: neighbor.peer, 1, isThere: true)
    }

    private func remove(_ nlri: NLRI, of neighbor: NeighborState) {
        guard senders.remove(nlri, of: neighbor) else { return }
        answers.note(nlri, of: neighbor.peer, -1, isThere: !senders.senders(of: nlri).isEmpty)
    }

    /// The next hop of a route has come or gone.
    func followNextHop(_ nlri: NLRI, of neighbor: NeighborState) {
        guard let family = nlri.sessionFamily, isSender(neighbor, family) else { return }
        decide(nlri, family)
    }

    func isSender(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        relayedFamilies.contains(family) && (neighbor.isInternal || neighbor.role(in: family) == .optionBSignalling)
    }

    /// Where the labels of a route lead.
    func targets(
        of route: AdjRIBInTable.Route?, _ nlri: NLRI, _ neighbor: NeighborState
    ) -> [(SignalledLabels, SwapTarget)] {
        guard let route, let offer = SignalledOffer(Path(route, nlri, of: neighbor, nextHop: .unreachable), of: nlri)
        else { return [] }
        return [(frames, offer.labels.frames), (packets, offer.labels.packets)].compactMap { place, label in
            label.flatMap { SwapTarget($0, under: place.stack, of: offer.path) }.map { (place, $0) }
        }
    }

    // MARK: What goes on

    /// What there is of a route, in the order in which it came.
    func offers(of nlri: NLRI) -> [SignalledOffer] {
        senders.paths(of: nlri, nextHop: nextHops.state).compactMap { SignalledOffer($0, of: nlri) }
    }

    /// The route targets that a route of somebody's has at a neighbor; none if it does not go there.
    func targets(
        of offer: SignalledOffer, _ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState
    ) -> [ExtendedCommunity] {
        guard isGiven(neighbor, family), OptionBRole.mayGo(offer.path, family, to: neighbor) else { return [] }
        // Answers name routers, which few say that they want.
        guard !nlri.isAnswer else { return namedTargets(offer.path, nlri, to: neighbor) }
        let targets = OptionBSignallingRole.targets(of: offer.path, family, to: neighbor)
        return !neighbor.saysWhatItWants || neighbor.membership.wants(targets) ? targets : []
    }

    /// A route as a neighbor is given it, whether its labels are valid yet or not.
    func route(_ nlri: NLRI, givenTo neighbor: NeighborState) -> SignalledRoute? { given[neighbor.peer]?[nlri] }

    func decide(_ nlri: NLRI, _ family: SessionFamily) {
        guard !receivers.isEmpty else { return }
        let offers = offers(of: nlri)
        let answered = nlri.answeredRoute
        if let answered {
            segmentation.note(nlri, offers, to: answered) { route(answered, givenTo: $0) }
        }
        var isAnsweredElsewhere = false
        for receiver in receivers {
            if decide(nlri, family, offers, for: receiver) { isAnsweredElsewhere = true }
        }
        if isAnsweredElsewhere, nlri.announcesTunnel { redecideAnswers(to: .route(nlri)) }
        segmentation.answer(answered ?? nlri, to: receivers, isGiven: isGiven, isHeard: packets.isHeard)
    }

    /// Of what may go to the neighbor the best goes: what may not hides nothing.
    ///
    /// - Returns: whether answers to the route go elsewhere from now on.
    func decide(
        _ nlri: NLRI, _ family: SessionFamily, _ offers: [SignalledOffer], for neighbor: NeighborState
    ) -> Bool {
        guard let identity = neighbor.inputs.identity, neighbor.holdsLabels(now: context.now) else { return false }
        var admitted: [(offer: SignalledOffer, targets: [ExtendedCommunity])] = []
        for offer in offers {
            let targets = targets(of: offer, nlri, family, to: neighbor)
            if !targets.isEmpty { admitted.append((offer, targets)) }
        }
        let best = BestPath.index(in: admitted.map(\.offer.path), of: nlri, isAnswer: nlri.isAnswer)
            .map { admitted[$0] }
        let path = best?.offer.path
        func target(_ label: MPLSLabel?, _ labels: SignalledLabels) -> SwapTarget? {
            guard let label, let path else { return nil }
            return SwapTarget(label, under: labels.stack, of: path)
        }
        let (toFrames, toPackets) = (
            target(best?.offer.labels.frames, frames), target(best?.offer.labels.packets, packets)
        )
        let former = given[neighbor.peer]?[nlri]
        let end = end(of: nlri, former, by: admitted.map(\.offer.path.neighbor))
        let hasFrames = frames.set(toFrames, of: nlri, to: identity, former: end)
        let hasPackets = packets.set(toPackets, of: nlri, to: identity, former: end)
        guard let best, let path else {
            guard former != nil else { return false }
            given[neighbor.peer]?[nlri] = nil
            neighbor.enqueueIfSent(nlri)
            return true
        }
        let new = SignalledRoute(
            sender: path.neighbor, nextHop: path.attributes.nextHop?.resolvedAddress,
            isAsking: path.attributes.pmsiTunnel?.asksForLabels == true, targets: best.targets,
            hasFrames: toFrames != nil, hasPackets: toPackets != nil)
        given[neighbor.peer, default: [:]][nlri] = new
        if hasFrames, hasPackets { neighbor.enqueue(nlri, like: path.attributes) }
        return !new.isAnswered(like: former)
    }

    /// Why a neighbor is given a route no longer as it was.
    ///
    /// - Parameter admitted: by whom it may be given now.
    private func end(
        of nlri: NLRI, _ former: SignalledRoute?, by admitted: [NeighborState]
    ) -> RelayLabelDemand.End {
        let isAdmitted = former.map { former in admitted.contains { $0 === former.sender } } ?? !admitted.isEmpty
        guard !isAdmitted else { return .superseded }
        // What was given before is not known of labels from before a restart.
        let ways = senders.paths(of: nlri, nextHop: nextHops.state).filter { path in
            former.map { path.neighbor === $0.sender } ?? true
        }
        return ways.isEmpty || ways.contains { $0.nextHop != .unreachable } ? .refused : .superseded
    }

    /// What `neighbor` is to have of a route; `nil` if nothing, or nothing as yet.
    func announcement(of nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        if neighbor.exchanges(family), let own = segmentation.announcement(of: nlri, to: neighbor) { return own }
        guard neighbor.exchanges(family), let decided = route(nlri, givenTo: neighbor),
            isSender(decided.sender, family), let route = decided.sender.received[family].routes[nlri]
        else { return nil }
        var labels = ServiceLabels()
        if decided.hasFrames {
            guard let label = frames.table(of: neighbor.peer)?.label(of: nlri) else { return nil }
            labels.frames = label
        }
        if decided.hasPackets {
            guard let label = packets.table(of: neighbor.peer)?.label(of: nlri) else { return nil }
            labels.packets = label
        }
        let attributes = OptionBSignallingRole.attributes(
            of: Path(route, nlri, of: decided.sender, nextHop: .unreachable), nlri, family, decided.targets, labels,
            to: neighbor, autonomousSystem: context.inputs.autonomousSystem)
        guard let attributes else { return nil }
        let given = [labels.frames, labels.packets].compactMap { $0 }
        return AdjRIBOut.Route(
            attributes: attributes, label: given.first.map { GivenLabel($0, beside: given.last) } ?? .implicitNull,
            isOwnLabel: !given.isEmpty)
    }

    /// Whether a route is to be given as soon as there are labels for it: what the neighbor has stays until then.
    func isWaiting(_ nlri: NLRI, for neighbor: NeighborState) -> Bool {
        if segmentation.labels.isWaiting(nlri, for: neighbor.peer) { return true }
        guard let decided = route(nlri, givenTo: neighbor) else { return false }
        return (decided.hasFrames && frames.table(of: neighbor.peer)?.isWaiting(nlri) == true)
            || (decided.hasPackets && packets.table(of: neighbor.peer)?.isWaiting(nlri) == true)
    }
}
