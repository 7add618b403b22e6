import Addressing

/// Who is to have a label: VRFs on the neighbors on which they are eligible, and what routes call for.
final class WantedLabels {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    let meanings = VRFLabelMeanings()
    /// What routes call for, and where it leads: those of each VRF, and of relays.
    private var called: [VRFIdentity?: [LabelOwner: LabelTarget]] = [:]
    /// On which neighbors VRFs had a part when that was last looked at, and their numbers.
    private var parts: [VRFIdentity: Part] = [:]

    private struct Part: Equatable {
        let number: VRFNumber
        let neighbors: Set<PeerAddress>
        /// Those of them whose packets come on circuits.
        let onCircuits: Set<PeerAddress>
    }

    /// Of which owners it is asked whether they are to have a label. Of what routes call for there may be as many as routes: that
    /// changes with the routes, and apart from them where VRFs have another part alone.
    enum Scope {
        case all
        /// Whole VRFs, and what is called for by routes of these.
        case vrfs(Set<VRFIdentity>)

        func contains(_ owner: LabelOwner) -> Bool {
            guard owner.subject.isCalledFor, case .vrfs(let vrfs) = self else { return true }
            return !vrfs.isEmpty && owner.vrf.map(vrfs.contains) ?? false
        }
    }

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    // MARK: What routes call for

    /// Where a label leads that routes call for.
    func target(of owner: LabelOwner) -> LabelTarget? { called[owner.vrf]?[owner] }

    /// Routes call for a label that leads to the target; for none any more with `nil`.
    func call(for owner: LabelOwner, leadingTo target: LabelTarget?) {
        called[owner.vrf, default: [:]][owner] = target
        if target == nil, called[owner.vrf]?.isEmpty == true { called[owner.vrf] = nil }
    }

    // MARK: Who is to have one

    /// The VRFs that have another part on a neighbor than when this was last asked, or another number, or that are new or gone.
    func takeChangedVRFs() -> Set<VRFIdentity> {
        var present: [VRFIdentity: Part] = [:]
        for vrf in context.inputs.vrfs.values {
            let neighbors = vrf.eligibleNeighbors.filter { context.inputs.neighbors[$0]?.hasRole == true }
            present[vrf.identity] = Part(
                number: vrf.number, neighbors: neighbors, onCircuits: Set(vrf.circuitGateways.keys))
        }
        let changed = Set(present.keys).union(parts.keys).filter { present[$0] != parts[$0] }
        parts = present
        return changed
    }

    /// All owners of the scope that are.
    func all(of scope: Scope) -> Set<LabelOwner> {
        var wanted: Set<LabelOwner> = []
        switch scope {
        case .all: for owners in called.values { wanted.formUnion(owners.keys.filter(hasPart)) }
        case .vrfs(let vrfs):
            for vrf in vrfs { if let owners = called[vrf] { wanted.formUnion(owners.keys.filter(hasPart)) } }
        }
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

    /// Those of a neighbor whose session is up: whole VRFs first, then of what routes call for those that are meant.
    func owners(of neighbor: NeighborState, where isMeant: (LabelOwner) -> Bool) -> [LabelOwner] {
        guard let identity = neighbor.inputs.identity else { return [] }
        let eligible = context.inputs.vrfs.values.filter {
            $0.eligibleNeighbors.contains(neighbor.peer) && $0.tellsItsLabel(to: neighbor.inputs)
        }
        return eligible.map { meanings.subject(of: $0, to: neighbor.inputs) }.sorted()
            .map { LabelOwner($0, neighbor: identity) }
            + called.values.flatMap { $0.keys.filter { $0.neighbor == identity && hasPart($0) && isMeant($0) } }
            .sorted()
    }

    func contains(_ owner: LabelOwner) -> Bool {
        if owner.subject.isCalledFor {
            return target(of: owner) != nil && neighbors[owner.neighbor.peer]?.inputs.identity == owner.neighbor
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

    /// Whether the VRF that the label is of is there, is the one that it was, and has a part on the neighbor. If packets may have the label,
    /// it has to be a part with labels (not Option AB). While the neighbor is away for a restart its routes may still call for labels of a
    /// VRF that has none.
    func hasPart(_ owner: LabelOwner) -> Bool {
        guard let identity = owner.vrf else { return true }
        let peer = owner.neighbor.peer
        guard let vrf = context.inputs.vrfs[identity.name], vrf.identity == identity,
            context.inputs.neighbors[peer]?.hasRole == true
        else { return false }
        if case .circuitPrefix = owner.subject { return vrf.number == owner.neighbor.vrf }
        return vrf.eligibleNeighbors.contains(peer)
            && (owner.subject.isValidNowhere || vrf.circuitGateways[peer] == nil)
    }
}

extension NeighborState {
    /// Whether routes, and so labels, may be said to the neighbor now.
    var mayBeTold: Bool { exchangesRoutes && !inputs.isShutdown }
}
