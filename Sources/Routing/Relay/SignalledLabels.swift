import Addressing
import BGP

/// The labels of ours with which MVPN and EVPN routes are relayed, of those under which one kind of payload is: which routes each
/// neighbor is given by which of them. One label is for all routes of a next hop and label.
final class SignalledLabels: RelayLabels {
    /// What is under them.
    let stack: SwappedStack
    let neighbors: RoutingNeighbors
    private var sources: [SwapTarget: RelaySource] = [:]
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    private var demand = RelayLabelDemand()
    /// By how many routes each next hop with its label is heard of, whether they are relayed or not.
    private var heard: [SwapTarget: Int] = [:]
    /// Who has been given routes, whether he is at present or not: he may still use labels.
    private var told: [NeighborIdentity] = []

    init(_ stack: SwappedStack, _ neighbors: RoutingNeighbors) {
        self.stack = stack
        self.neighbors = neighbors
    }

    // MARK: What is heard

    /// A route has come. Where it is the first of its next hop and label, what they meant before does not count.
    func noteAnew(_ target: SwapTarget) {
        guard heard[target] == nil else { return }
        for identity in told { demand.noteAnew(LabelOwner(.relayedService(target), neighbor: identity)) }
    }

    func count(_ target: SwapTarget, _ change: Int) {
        let count = (heard[target] ?? 0) + change
        heard[target] = count > 0 ? count : nil
    }

    /// A route is not sent any more. Where it was the last of its next hop and label, nobody may use labels that lead there.
    func noteGone(_ target: SwapTarget) {
        guard heard[target] == nil else { return }
        for identity in told { demand.noteGone(LabelOwner(.relayedService(target), neighbor: identity)) }
    }

    func isHeard(_ target: SwapTarget) -> Bool { heard[target] != nil }

    func forgetHeard() { heard = [:] }

    // MARK: What is given

    /// A neighbor is to be given a route by a label that leads to the target; by none of these with `nil`. `false`: it waits for it.
    ///
    /// - Parameter end: what becomes of the one before.
    func set(
        _ target: SwapTarget?, of nlri: NLRI, to identity: NeighborIdentity, former end: RelayLabelDemand.End
    ) -> Bool {
        guard target != nil || tables[identity.peer] != nil else { return true }
        let table = table(of: identity)
        let former = table.sources[nlri]
        guard let target else {
            if let former { release(former, of: nlri, in: table, end) }
            return true
        }
        let source = sources[target] ?? RelaySource(.relayedService(target), .swap(target))
        sources[target] = source
        if source !== former {
            if table.set(source, for: nlri) { demand.noteWanted(source.target, table.owner(of: source)) }
            if let former { release(former, of: nlri, in: table, end) }
        }
        return table.isReady(nlri, source)
    }

    private func release(
        _ source: RelaySource, of nlri: NLRI, in table: RelayedRoutes, _ end: RelayLabelDemand.End
    ) {
        if table.remove(source, of: nlri) { demand.noteUnwanted(table.owner(of: source), end) }
        guard source.uses == 0, case .relayedService(let target) = source.subject else { return }
        sources[target] = nil
    }

    private func table(of identity: NeighborIdentity) -> RelayedRoutes {
        if let known = tables[identity.peer], known.identity == identity { return known }
        forget(identity.peer, .gone)
        let new = RelayedRoutes(identity)
        tables[identity.peer] = new
        if !told.contains(identity) { told = (told + [identity]).sorted() }
        return new
    }

    /// The neighbors are others: nothing is given to those of whom `isGiven` says so.
    func configure(isGiven: (NeighborState) -> Bool) {
        for (peer, table) in tables.sorted(by: { $0.key < $1.key }) {
            let isAnother = neighbors[peer]?.inputs.identity != table.identity
            guard isAnother || neighbors[peer].map({ !isGiven($0) }) ?? true else { continue }
            // One that is given nothing any more uses its labels until it has read that, if it is there.
            forget(peer, isAnother ? .gone : .refused)
        }
        told.removeAll { neighbors[$0.peer]?.inputs.identity != $0 }
    }

    // MARK: Labels

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? {
        if case .relayedService(let target) = owner.subject { sources[target] } else { nil }
    }

    /// Routes of these families hardly ever share any.
    func attributes(of nlri: NLRI) -> PathAttributes? { nil }

    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (nlri, source) in table.sources { release(source, of: nlri, in: table, end) }
    }
}
