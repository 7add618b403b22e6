import Addressing

/// Looks which common labels may not be said yet, and says so once.
struct CommonLabelReview {
    let context: RoutingContext
    let wanted: WantedLabels
    let allocations: LabelAllocations

    /// Those that their owners are to have and may not, and what neighbors are told meanwhile.
    func waits() -> [LabelOwner: VRFLabelMeanings.Wait] {
        var waits: [LabelOwner: VRFLabelMeanings.Wait] = [:]
        for vrf in context.inputs.vrfs.values where vrf.commonLabel != nil {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = context.inputs.neighbors[address], neighbor.hasRole,
                    vrf.tellsItsLabel(to: neighbor),
                    let owner = wanted.meanings.commonOwner(of: vrf, to: neighbor), allocations.labels[owner] == nil,
                    let obstacle = allocations.obstacle(to: owner, isWanted: wanted.contains)
                else { continue }
                waits[owner] = .init(obstacle: obstacle, meanwhile: meanwhile(owner, of: vrf))
            }
        }
        log(waits)
        return waits
    }

    /// Make before break: what the neighbor has for the VRF stays, unless it is to be another's. Without that, a label of its own
    /// where the VRF has such a one.
    private func meanwhile(_ owner: LabelOwner, of vrf: VRFInputs) -> LabelSubject? {
        if vrf.hasFallbackLabel { return .vrf(vrf.identity) }
        let present = allocations.labels.keys.filter {
            $0.vrf == owner.vrf && $0.neighbor == owner.neighbor && !$0.subject.isCalledFor
                && !$0.subject.isValidNowhere && mayStay($0.subject)
        }
        return present.min()?.subject
    }

    private func mayStay(_ subject: LabelSubject) -> Bool {
        guard let label = subject.commonLabel else { return true }
        return !context.inputs.vrfs.values.contains { $0.commonLabel?.outermost == label.outermost }
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
