import Addressing
import BGP

/// The box as a segmentation point of selective and inclusive tunnels by ingress replication (RFC 6514 §9.2.3, RFC 7524 §6): a tunnel that asks
/// its leaves for labels ends here and begins anew. ``SignallingRelay`` re-advertises the route that says it, with this box as its next hop;
/// the leaves that answer end here, and the box answers in turn, by one route and one label, whose packets it copies to all of them. So one
/// copy crosses the border, however many leaves are behind it.
///
/// It ends for leaves that name this box, who has told them the route, where the neighbor that the tunnel came from or the leaf's has the
/// line for it. Other leaves' answers go on as they do without a segmentation point.
final class SegmentationPoint {
    let labels: SegmentLabels
    private let context: RoutingContext
    private var leaves = TunnelLeaves()
    /// Whether tunnels of any neighbor end here.
    private var isUsed = false

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        labels = SegmentLabels(neighbors)
    }

    /// The inputs are others.
    func configure(isGiven: (NeighborState) -> Bool) {
        labels.configure(isGiven: isGiven)
        isUsed = context.inputs.neighbors.values.contains { $0.families.values.contains(where: \.relay.isSegmented) }
    }

    // MARK: Leaves

    /// Nobody is given any routes: leaves that come and go are not followed.
    func forgetLeaves() { leaves = TunnelLeaves() }

    /// Whether a leaf's answer ends here.
    func ends(_ leaf: NLRI) -> Bool { leaf.answeredRoute.map { leaves.contains(leaf, of: $0) } ?? false }

    /// A leaf's answer is there, is another or is gone, or what it answers is.
    ///
    /// - Parameters:
    ///   - offers: what there is of the answer.
    ///   - question: what a neighbor was told of the tunnel.
    func note(
        _ leaf: NLRI, _ offers: [SignalledOffer], to tunnel: NLRI, question: (NeighborState) -> SignalledRoute?
    ) {
        guard isUsed || leaves.contains(leaf, of: tunnel) else { return }
        var admitted: [(path: Path, leaf: TunnelLeaves.Leaf)] = []
        for offer in offers {
            if let question = question(offer.path.neighbor), let new = self.leaf(offer, tunnel, question) {
                admitted.append((offer.path, new))
            }
        }
        let best = BestPath.index(in: admitted.map(\.path), of: leaf, isAnswer: true)
        leaves.set(best.map { admitted[$0].leaf }, of: leaf, of: tunnel)
    }

    /// `nil` for one for which the tunnel does not end here.
    private func leaf(_ answer: SignalledOffer, _ tunnel: NLRI, _ question: SignalledRoute) -> TunnelLeaves.Leaf? {
        let neighbor = answer.path.neighbor
        guard let family = tunnel.sessionFamily, family != .evpn, question.isAsking, case .ipv4? = question.nextHop,
            isSegmented(neighbor, family) || isSegmented(question.sender, family),
            // Packets go the other way, which is not judged by the communities that keep answers in their network (RFC 6514 §9.2.3.4.1).
            OptionBRole.mayCross(answer.path, family, to: question.sender),
            case .ipv4(let own) = neighbor.inputs.localAddress,
            answer.path.attributes.extendedCommunities.contains(ExtendedCommunity(naming: own)),
            let target = answer.labels.packets.flatMap({ SwapTarget($0, under: .packet, of: answer.path) })
        else { return nil }
        return TunnelLeaves.Leaf(target: target, root: question.sender.isInternal ? nil : question.sender.peer)
    }

    private func isSegmented(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        neighbor.inputs.families[family]?.relay.isSegmented == true
    }

    /// By what an answer to a neighbor names it: the next hop by which it has told the tunnel. `nil` where it has told none that asks for
    /// answers; IPv6 addresses cannot be named so.
    private func nextHop(of tunnel: NLRI, by neighbor: NeighborState) -> IPv4Address? {
        guard let attributes = neighbor.received.table(of: tunnel)?.routes[tunnel]?.usedAttributes,
            attributes.pmsiTunnel?.asksForLabels == true,
            case .ipv4(let address)? = attributes.nextHop?.resolvedAddress
        else { return nil }
        return address
    }

    // MARK: The answer

    /// Answers a tunnel that has leaves, to all who have told it of those by whose word it went to the leaves; in the own network all are
    /// one. One without leaves is not answered any more.
    ///
    /// - Parameters:
    ///   - isGiven: to whom routes of the family may be given now.
    ///   - isHeard: whether somebody leads there.
    func answer(
        _ tunnel: NLRI, to receivers: [NeighborState], isGiven: (NeighborState, SessionFamily) -> Bool,
        isHeard: (SwapTarget) -> Bool
    ) {
        guard isUsed || labels.areAny, case .multicastVPN(let route) = tunnel, let family = tunnel.sessionFamily else {
            return
        }
        for neighbor in receivers {
            guard let identity = neighbor.inputs.identity, neighbor.holdsLabels(now: context.now),
                let answer = route.answer(of: neighbor.inputs.localAddress).map({ NLRI.multicastVPN($0) })
            else { continue }
            let targets = leaves.targets(of: tunnel, from: neighbor.isInternal ? nil : neighbor.peer)
            let isThere = nextHop(of: tunnel, by: neighbor) != nil
            guard isThere, !targets.isEmpty, isGiven(neighbor, family) else {
                labels.remove(answer, to: route, at: identity) { isThere && isHeard($0) }
                neighbor.enqueueIfSent(answer)
                continue
            }
            if labels.set(targets, answer, to: route, at: identity) { neighbor.enqueue(answer, like: nil) }
        }
    }

    /// What a neighbor is to have of an answer of the box's own; `nil` if nothing, or nothing as yet.
    func announcement(of answer: NLRI, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        guard let label = labels.label(of: answer, to: neighbor.peer), let tunnel = answer.answeredRoute,
            let nextHop = nextHop(of: tunnel, by: neighbor)
        else { return nil }
        let own = neighbor.inputs.localAddress
        var contents = PathAttributes.Contents(nextHop: BGPNextHop(own))
        contents.pmsiTunnel = PMSITunnel(replicationTo: own, label: label)
        contents.extendedCommunities = [ExtendedCommunity(naming: nextHop)]
        if neighbor.isInternal {
            contents.takeToInternalNeighbor()
            contents.mark(for: neighbor.inputs)
            // RFC 6514 §9.2.3.4.1.
            contents.communities = [.noExport]
        } else {
            contents.asPath = ASPath(sequence: [context.inputs.autonomousSystem])
            // RFC 6514 §9.2.3.2.1, of the tunnel of a whole AS: a leaf of a selective one is the root's to know where the far end is no
            // segmentation point.
            if case .multicastVPN(let route) = answer, route.answered?.kind == .interASIPMSI {
                contents.communities = [.noAdvertise]
            }
        }
        return AdjRIBOut.Route(attributes: PathAttributes(contents), label: GivenLabel(label), isOwnLabel: true)
    }
}
