import Addressing

/// Who is to have a label: VRFs on the neighbors on which they are eligible, and what routes call for.
final class WantedLabels {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    let meanings = VRFLabelMeanings()
    /// What routes call for, and where it leads.
    private var called: [LabelOwner: LabelTarget] = [:]

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    // MARK: What routes call for

    /// Where a label leads that routes call for.
    func target(of owner: LabelOwner) -> LabelTarget? { called[owner] }

    /// Routes call for a label that leads to the target; for none any more with `nil`.
    func call(for owner: LabelOwner, leadingTo target: LabelTarget?) { called[owner] = target }

    // MARK: Who is to have one

    /// All owners that are.
    func all() -> Set<LabelOwner> {
        var wanted = Set(called.keys.filter(hasPart))
        for vrf in context.inputs.vrfs.values {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = context.inputs.neighbors[address], neighbor.hasRole,
                    vrf.tellsItsLabel(to: neighbor),
                    let identity = neighbor.identity
                else { continue }
                wanted.insert(LabelOwner(meanings.subject(of: vrf, to: neighbor), neighbor: identity))
            }
        }
        return wanted
    }

    /// Those of a neighbor whose session is up: whole VRFs first.
    func owners(of neighbor: NeighborState) -> [LabelOwner] {
        guard let identity = neighbor.inputs.identity else { return [] }
        let eligible = context.inputs.vrfs.values.filter {
            $0.eligibleNeighbors.contains(neighbor.peer) && $0.tellsItsLabel(to: neighbor.inputs)
        }
        return eligible.map { meanings.subject(of: $0, to: neighbor.inputs) }.sorted()
            .map { LabelOwner($0, neighbor: identity) }
            + called.keys.filter { $0.neighbor == identity && hasPart($0) }.sorted()
    }

    func contains(_ owner: LabelOwner) -> Bool {
        if owner.subject.isCalledFor {
            return called[owner] != nil && neighbors[owner.neighbor.peer]?.inputs.identity == owner.neighbor
                && hasPart(owner)
        }
        guard let vrf = owner.vrf.flatMap({ context.inputs.vrfs[$0.name] }), hasPart(owner),
            let neighbor = context.inputs.neighbors[owner.neighbor.peer], neighbor.identity == owner.neighbor
        else { return false }
        return neighbor.hasRole && vrf.tellsItsLabel(to: neighbor)
            && meanings.subject(of: vrf, to: neighbor) == owner.subject
    }

    /// Whether the configuration has an owner of a common label, be it that he waits for it.
    func isProvisioned(_ owner: LabelOwner) -> Bool {
        guard let vrf = owner.vrf.flatMap({ context.inputs.vrfs[$0.name] }), hasPart(owner),
            let neighbor = context.inputs.neighbors[owner.neighbor.peer], neighbor.identity == owner.neighbor
        else { return false }
        return neighbor.hasRole && vrf.tellsItsLabel(to: neighbor)
            && meanings.commonOwner(of: vrf, to: neighbor) == owner
    }

    /// What the label of a VRF means for a neighbor from now on, if that is another than it was; `nil` if the VRF has no part
    /// there any more.
    func successor(of owner: LabelOwner) -> LabelOwner? {
        guard let identity = owner.vrf, let vrf = context.inputs.vrfs[identity.name], vrf.identity == identity,
            let neighbor = context.inputs.neighbors[owner.neighbor.peer]
        else { return nil }
        let successor = LabelOwner(meanings.subject(of: vrf, to: neighbor), neighbor: owner.neighbor)
        return successor != owner && contains(successor) ? successor : nil
    }

    /// Whether the VRF that the label is of is there, is the one that it was, and has a part on the neighbor. While that is away
    /// for a restart its routes are not looked at, so that they may still call for labels of a VRF that has not.
    private func hasPart(_ owner: LabelOwner) -> Bool {
        guard let identity = owner.vrf else { return true }
        guard let vrf = context.inputs.vrfs[identity.name], vrf.identity == identity else { return false }
        if case .circuitPrefix = owner.subject { return vrf.number == owner.neighbor.vrf }
        return vrf.eligibleNeighbors.contains(owner.neighbor.peer)
    }
}

extension NeighborState {
    /// Whether routes, and so labels, may be said to the neighbor now.
    var mayBeTold: Bool { exchangesRoutes && !inputs.isShutdown }
}
