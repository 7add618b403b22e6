import Addressing
import BGP

/// A relay, whose routes wait for labels: what becomes of them when labels come and go.
protocol RelayLabels: AnyObject {
    var neighbors: RoutingNeighbors { get }
    /// What a neighbor is given.
    func table(of peer: PeerAddress) -> RelayedRoutes?
    /// What a label is for.
    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource?
    /// The attributes that a route probably shares with others.
    func attributes(of nlri: NLRI) -> PathAttributes?

    /// What has changed of the labels that are called for.
    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)]
    /// What a neighbor was told does not count any more.
    ///
    /// - Parameter end: what becomes of its labels.
    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End)
}

extension RelayLabels {
    /// A label is installed, or is not any more.
    func setLabel(_ label: MPLSLabel?, of owner: LabelOwner) {
        guard let (table, source) = place(of: owner) else { return }
        enqueue(table.setLabel(label, of: source), of: owner)
    }

    /// There is no label for an owner: what its routes were sent with before is taken back.
    func setWithoutLabel(_ owner: LabelOwner) {
        guard let (table, source) = place(of: owner) else { return }
        enqueue(table.setWithoutLabel(source), of: owner)
    }

    /// Labels of a neighbor are invalid before it has heard of that: what it has with them waits for no other.
    func reviseWaiting(for peer: PeerAddress) {
        guard let table = table(of: peer), let neighbor = neighbors[peer] else { return }
        for nlri in table.waiting.sorted() { neighbor.enqueueIfSent(nlri) }
    }

    private func place(of owner: LabelOwner) -> (RelayedRoutes, RelaySource)? {
        guard let table = table(of: owner.neighbor.peer), table.identity == owner.neighbor,
            let source = source(of: owner, in: table)
        else { return nil }
        return (table, source)
    }

    private func enqueue(_ routes: Set<NLRI>, of owner: LabelOwner) {
        guard let neighbor = neighbors[owner.neighbor.peer] else { return }
        for nlri in routes.sorted() { neighbor.enqueue(nlri, like: attributes(of: nlri)) }
    }
}

extension NeighborState {
    /// Notes that a route may have to be sent.
    func enqueue(_ nlri: NLRI, like attributes: PathAttributes?) {
        if session != nil { advertised.enqueue(nlri, like: attributes) }
    }

    /// Notes that a route may have to be withdrawn.
    func enqueueIfSent(_ nlri: NLRI) {
        if advertised.table(of: nlri)?.routes[nlri] != nil { enqueue(nlri, like: nil) }
    }
}
