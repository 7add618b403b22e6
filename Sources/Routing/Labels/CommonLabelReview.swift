import Addressing

/// Looks which common labels may not be said yet, or not at all, and says so once.
struct CommonLabelReview {
    let context: RoutingContext
    let neighbors: RoutingNeighbors
    let wanted: WantedLabels
    let allocations: LabelAllocations

    /// Those that their owners are to have and may not, and what neighbors are told meanwhile.
    func waits() -> [LabelOwner: VRFLabelMeanings.Wait] {
        var obstacles: [LabelOwner: CommonLabelAllocations.Obstacle] = [:]
        for vrf in context.inputs.vrfs.values where vrf.commonLabel != nil {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = context.inputs.neighbors[address], neighbor.hasRole,
                    vrf.tellsItsLabel(to: neighbor),
                    let owner = wanted.meanings.commonOwner(of: vrf, to: neighbor), allocations.labels[owner] == nil
                else { continue }
                obstacles[owner] = allocations.obstacle(to: owner, isProvisioned: wanted.isProvisioned)
            }
        }
        let present = obstacles.isEmpty ? [:] : self.present
        var waits: [LabelOwner: VRFLabelMeanings.Wait] = [:]
        for (owner, obstacle) in obstacles {
            waits[owner] = .init(obstacle: obstacle, meanwhile: meanwhile(owner, present))
        }
        log(waits)
        return waits
    }

    private struct VRFAtNeighbor: Hashable {
        let vrf: VRFIdentity
        let neighbor: NeighborIdentity
    }

    /// The common labels in use by who has them.
    private var present: [VRFAtNeighbor: [LabelOwner]] {
        var found: [VRFAtNeighbor: [LabelOwner]] = [:]
        for owner in allocations.common.all where allocations.labels[owner] != nil {
            guard let vrf = owner.vrf else { continue }
            found[VRFAtNeighbor(vrf: vrf, neighbor: owner.neighbor), default: []].append(owner)
        }
        return found
    }

    /// Make before break: what the neighbor has for the VRF stays, unless it is to be another's there. Without that, a label of its
    /// own where the VRF has such a one.
    private func meanwhile(_ owner: LabelOwner, _ present: [VRFAtNeighbor: [LabelOwner]]) -> LabelSubject? {
        guard let vrf = owner.vrf else { return nil }
        let others = present[VRFAtNeighbor(vrf: vrf, neighbor: owner.neighbor)] ?? []
        if let other = others.filter({ mayStay($0) }).max() { return other.subject }
        let drawn = LabelOwner(.vrf(vrf), neighbor: owner.neighbor)
        if context.inputs.vrfs[vrf.name]?.hasFallbackLabel == true { return drawn.subject }
        guard let label = allocations.labels[drawn], context.inputs.commonBlock?.contains(label.rawValue) != true else {
            return nil
        }
        return drawn.subject
    }

    /// Whether no other VRF is to have the label there.
    private func mayStay(_ owner: LabelOwner) -> Bool {
        guard let label = owner.subject.commonLabel else { return false }
        return !context.inputs.vrfs.values.contains { vrf in
            vrf.identity != owner.vrf && vrf.eligibleNeighbors.contains(owner.neighbor.peer)
                && vrf.commonLabel?.isMistakable(for: label) == true
        }
    }

    /// The neighbors that take one label alone, among those that are to have a label of a space. One that is away is what it was; of
    /// one that was told a label of its own before a restart that is known by it. In the own network stacks are not told.
    func withOneLabel() -> Set<NeighborIdentity> {
        var found: Set<NeighborIdentity> = []
        for vrf in context.inputs.vrfs.values where vrf.commonLabel?.context != nil {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = neighbors[address], let identity = neighbor.inputs.identity else { continue }
                if takesOneLabel(neighbor, identity, vrf) { found.insert(identity) }
            }
        }
        for neighbor in found.subtracting(wanted.meanings.withOneLabel).sorted()
        where neighbor.nni != NeighborIdentity.core && neighbors[neighbor.peer]?.session != nil {
            context.log(.stackNotTaken(neighbor: neighbor.peer))
        }
        return found
    }

    private func takesOneLabel(_ neighbor: NeighborState, _ identity: NeighborIdentity, _ vrf: VRFInputs) -> Bool {
        if identity.nni == NeighborIdentity.core { return true }
        if let session = neighbor.session {
            return !session.families.filter(\.isVPN).isSubset(of: session.multipleLabels)
        }
        if wanted.meanings.withOneLabel.contains(identity) { return true }
        return allocations.labels[LabelOwner(.vrf(vrf.identity), neighbor: identity)] != nil
    }

    private func log(_ waits: [LabelOwner: VRFLabelMeanings.Wait]) {
        for (owner, wait) in waits.sorted(by: { $0.key < $1.key })
        where wanted.meanings.waits[owner]?.obstacle != wait.obstacle {
            guard let vrf = owner.vrf?.name, let label = owner.subject.commonLabel else { continue }
            let until: Instant? = if case .isInQuarantine(let until) = wait.obstacle { until } else { nil }
            context.log(
                .commonLabelWaits(
                    vrf: vrf, neighbor: owner.neighbor.peer, label, until: until, hasOther: wait.meanwhile != nil))
        }
    }
}
