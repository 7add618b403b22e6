import Addressing
import BGP

/// Who is given MVPN and EVPN routes, and what follows from other inputs and from sessions that come and go.
extension SignallingRelay {
    func isGiven(_ neighbor: NeighborState, _ family: SessionFamily) -> Bool {
        neighbor.isGivenSignalled(in: family) && neighbor.holdsLabels(now: context.now)
            && neighbor.session.map { $0.families.contains(family) } ?? true
    }

    /// The inputs are others, and the neighbors and ``RouteRelay`` follow them already.
    func configure(_ old: RoutingInputs) {
        receivers = neighbors.inOrder.filter { neighbor in
            SessionFamily.allCases.contains { neighbor.isGivenSignalled(in: $0) }
        }
        relayedFamilies = Set(
            SessionFamily.allCases.filter { family in receivers.contains { $0.isGivenSignalled(in: family) } })
        for labels in [frames, packets] {
            labels.configure { neighbor in receivers.contains { $0 === neighbor } }
        }
        segmentation.configure { neighbor in receivers.contains { $0 === neighbor } }
        if receivers.isEmpty { segmentation.forgetLeaves() }
        for peer in given.keys where !receivers.contains(where: { $0.peer == peer }) { given[peer] = nil }
        guard old.relaying != context.inputs.relaying else { return }
        recount()
        if !senders.all.isEmpty || !forsaken.isEmpty { redecide(.inputs) }
    }

    /// Takes in anew who has sent what.
    private func recount() {
        let former = senders
        senders.removeAll()
        answers.removeAll()
        for labels in [frames, packets] { labels.forgetHeard() }
        // Who has answered first stays the first.
        for nlri in former.all where nlri.isAnswer {
            guard let family = nlri.sessionFamily else { continue }
            for sender in former.senders(of: nlri)
            where neighbors[sender.peer] === sender && isSender(sender, family)
                && sender.received[family].routes[nlri] != nil
            { insert(nlri, family, of: sender) }
        }
        for neighbor in neighbors.inOrder {
            for family in SessionFamily.allCases where isSender(neighbor, family) {
                for (nlri, route) in neighbor.received[family].routes {
                    insert(nlri, family, of: neighbor)
                    distinguishers.count(nlri, route, 1, of: neighbor)
                    for (labels, target) in targets(of: route, nlri, neighbor) { labels.count(target, 1) }
                }
            }
        }
        for nlri in former.all where senders.senders(of: nlri).isEmpty { forsaken.append(nlri) }
    }

    /// Decides on all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard !senders.all.isEmpty, receivers.contains(where: { $0 === neighbor }) else { return }
        redecide(.receiver(neighbor.peer))
    }

    /// What a neighbor was told does not count any more.
    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        given[peer] = nil
        segmentation.labels.forget(peer, end)
        frames.forget(peer, end)
        packets.forget(peer, end)
    }
}

extension NeighborState {
    /// Whether MVPN or EVPN routes are relayed to it. Where it says nothing of what it may be given, answers to its own go there.
    func isGivenSignalled(in family: SessionFamily) -> Bool {
        guard family.isSignalling, let role = role(in: family), let relay = inputs.families[family]?.relay,
            !relay.exported.isEmpty || !relay.imported.isEmpty
        else { return false }
        return role == .optionBSignalling || role.isInternal
    }
}
