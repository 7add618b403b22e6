import Addressing
import BGP

/// The labels by which the box answers for the leaves of tunnels that end here: one for each tunnel and neighbor that has asked, whatever
/// leaves come and go.
final class SegmentLabels: RelayLabels {
    let neighbors: RoutingNeighbors
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    private var sources: [LabelOwner: RelaySource] = [:]
    private var demand = RelayLabelDemand()
    /// Where those lead that are on their way out: their neighbors use them until they have read that.
    private var lapsed: [LabelOwner: [SwapTarget]] = [:]

    init(_ neighbors: RoutingNeighbors) { self.neighbors = neighbors }

    /// Whether anybody is answered, or was until lately.
    var areAny: Bool { !sources.isEmpty || !lapsed.isEmpty }

    // MARK: What is answered

    /// A neighbor is to be given the answer by a label whose packets go to each of the targets. `false`: it waits for that.
    func set(_ targets: [SwapTarget], _ answer: NLRI, to tunnel: MulticastVPNRoute, at identity: NeighborIdentity)
        -> Bool
    {
        let table = table(of: identity)
        let owner = LabelOwner(.segment(tunnel), neighbor: identity)
        lapsed[owner] = nil
        if let known = table.sources[answer] {
            if known.target != .copies(targets) {
                known.redirect(to: .copies(targets))
                demand.noteWanted(known.target, owner)
            }
            return table.isReady(answer, known)
        }
        let source = RelaySource(owner.subject, .copies(targets))
        sources[owner] = source
        if table.set(source, for: answer) { demand.noteWanted(source.target, owner) }
        return table.isReady(answer, source)
    }

    /// A neighbor is not to be given the answer any more. Its label stays until it has read that, unless something of what it leads to
    /// is gone: then nobody may use it.
    func remove(
        _ answer: NLRI, to tunnel: MulticastVPNRoute, at identity: NeighborIdentity, isThere: (SwapTarget) -> Bool
    ) {
        let owner = LabelOwner(.segment(tunnel), neighbor: identity)
        if let table = tables[identity.peer], let source = table.sources[answer],
            case .copies(let targets) = source.target
        {
            lapsed[owner] = targets
            release(source, of: answer, in: table, .refused)
        }
        if lapsed[owner]?.allSatisfy(isThere) == false { end(owner) }
    }

    /// Nobody leads there any more: no label may that is on its way out.
    func noteGone(_ target: SwapTarget) {
        for (owner, targets) in lapsed where targets.contains(target) { end(owner) }
    }

    private func end(_ owner: LabelOwner) {
        lapsed[owner] = nil
        demand.noteGone(owner)
    }

    /// The label of an answer; `nil` while it is not valid.
    func label(of answer: NLRI, to peer: PeerAddress) -> MPLSLabel? { tables[peer]?.label(of: answer) }

    /// Whether the label of an answer is to be valid soon.
    func isWaiting(_ answer: NLRI, for peer: PeerAddress) -> Bool { tables[peer]?.isWaiting(answer) ?? false }

    private func release(
        _ source: RelaySource, of answer: NLRI, in table: RelayedRoutes, _ end: RelayLabelDemand.End
    ) {
        let owner = table.owner(of: source)
        guard table.remove(source, of: answer) else { return }
        demand.noteUnwanted(owner, end)
        sources[owner] = nil
    }

    private func table(of identity: NeighborIdentity) -> RelayedRoutes {
        if let known = tables[identity.peer], known.identity == identity { return known }
        forget(identity.peer, .gone)
        let new = RelayedRoutes(identity)
        tables[identity.peer] = new
        return new
    }

    /// The neighbors are others: nothing is given to those of whom `isGiven` says so.
    func configure(isGiven: (NeighborState) -> Bool) {
        for (peer, table) in tables.sorted(by: { $0.key < $1.key }) {
            guard let neighbor = neighbors[peer], neighbor.inputs.identity == table.identity, isGiven(neighbor) else {
                forget(peer, .gone)
                continue
            }
        }
    }

    // MARK: Labels

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? { sources[owner] }

    /// No two answers are alike.
    func attributes(of nlri: NLRI) -> PathAttributes? { nil }

    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        for owner in lapsed.keys where owner.neighbor.peer == peer { self.end(owner) }
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (answer, source) in table.sources { release(source, of: answer, in: table, end) }
    }
}
