import Addressing
import BGP

/// Where leaves and customers' joins go: to where that came from which they answer, if it went to who answers.
extension SignallingRelay {
    /// The target that an answer has at the neighbor; none where it answers nothing that came from there and went to who answers.
    func namedTargets(_ path: Path, _ nlri: NLRI, to neighbor: NeighborState) -> [ExtendedCommunity] {
        guard namesFew(path) else { return [] }
        return switch AnsweredRoutes.Question(of: nlri) {
        // Where it ends here the box answers in its place.
        case .route? where segmentation.ends(nlri): []
        case .route(let asked)?: target(ofLeaf: path, asked, to: neighbor).map { [$0] } ?? []
        case .distinguisher(let distinguisher)?: target(ofJoin: path, distinguisher, to: neighbor).map { [$0] } ?? []
        case nil: []
        }
    }

    /// A join has one route target and a leaf one or two (RFC 6514 §11.1.3, §9.2.3.4.1). Each that is named is looked up for each
    /// receiver, so that an answer that names very many answers nothing.
    private func namesFew(_ path: Path) -> Bool {
        var count = 0
        for community in path.attributes.extendedCommunities where community.routeTarget != nil {
            count += 1
            if count > Self.namedAtMost { return false }
        }
        return true
    }

    private static let namedAtMost = 4

    private func target(ofLeaf path: Path, _ asked: NLRI, to neighbor: NeighborState) -> ExtendedCommunity? {
        guard let question = route(asked, givenTo: path.neighbor), isBehind(question.sender, neighbor) else {
            return nil
        }
        // RFC 6514 §9.2.3.4.1: who answers names the next hop that it was told, which is this box; so does this box in turn.
        if names(path, path.neighbor.inputs.localAddress) {
            guard case .ipv4(let nextHop)? = question.nextHop else { return nil }
            return ExtendedCommunity(naming: nextHop)
        }
        guard case .ipv4(let originator)? = asked.originator, names(path, .ipv4(originator)) else { return nil }
        return ExtendedCommunity(naming: originator)
    }

    private func target(
        ofJoin path: Path, _ distinguisher: RouteDistinguisher, to neighbor: NeighborState
    ) -> ExtendedCommunity? {
        path.attributes.extendedCommunities.first { community in
            community.routeTarget != nil
                && joinable.has(
                    .init(
                        named: .init(distinguisher: distinguisher, target: community.rawValue),
                        joiner: path.neighbor.peer, sender: Self.sender(neighbor)))
        }
    }

    private func names(_ path: Path, _ router: IPAddress) -> Bool {
        guard case .ipv4(let address) = router else { return false }
        return path.attributes.extendedCommunities.contains(ExtendedCommunity(naming: address))
    }

    /// Whether what a neighbor has sent came from where the other one is.
    func isBehind(_ sender: NeighborState, _ neighbor: NeighborState) -> Bool {
        sender === neighbor || (sender.isInternal && neighbor.isInternal)
    }

    /// VPN routes have been decided on: customers may join them, or may not any more.
    ///
    /// - Returns: whether others are joined by routers of the own network than before.
    func followRelayed() -> Bool {
        let decided = joinable.takeDecided()
        guard !decided.isEmpty else { return false }
        for nlri in decided {
            var openings: Set<JoinableRoutes.Opening> = []
            for joiner in receivers {
                guard let path = vpn.path(of: nlri, givenTo: joiner) else { continue }
                for named in JoinableRoutes.names(of: nlri, path, isOwnRouter: context.isOwnRouter) {
                    openings.insert(.init(named: named, joiner: joiner.peer, sender: Self.sender(path.neighbor)))
                }
            }
            if joinable.set(openings, of: nlri), let distinguisher = nlri.routeDistinguisher {
                redecideAnswers(to: .distinguisher(distinguisher))
            }
        }
        return context.setTargetsOfJoins(joinable.targetsOfJoins)
    }

    /// Of the own network all are one.
    private static func sender(_ neighbor: NeighborState) -> PeerAddress? { neighbor.isInternal ? nil : neighbor.peer }

    /// Says of another operator's answer that goes nowhere why it does not.
    func countIdle(_ nlri: NLRI, _ family: SessionFamily, of neighbor: NeighborState) {
        guard nlri.isAnswer, !neighbor.isInternal, !segmentation.ends(nlri) else { return }
        var isAdmitted = false
        for receiver in receivers where receiver !== neighbor {
            if route(nlri, givenTo: receiver)?.sender === neighbor { return }
            if offers(of: nlri).contains(where: {
                $0.path.neighbor === neighbor && !targets(of: $0, nlri, family, to: receiver).isEmpty
            }) {
                isAdmitted = true
            }
        }
        let reason = isAdmitted ? RouteRejection.answeredByAnother : .answersNothing
        context.count(reason, nlri, from: neighbor, in: neighbor.received[family])
    }
}
