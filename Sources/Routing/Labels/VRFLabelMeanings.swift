import Addressing

/// What the label means that a neighbor is told with the routes of a VRF: the VRF by its common label, where one is provisioned
/// for it and may be said, or by one of the neighbor's own.
final class VRFLabelMeanings {
    /// Why a neighbor is not told a common label yet.
    struct Wait: Hashable {
        let obstacle: CommonLabelAllocations.Obstacle
        /// What it is told meanwhile; `nil`: nothing of the VRF.
        let meanwhile: LabelSubject?
    }

    /// The owners that wait for their common label.
    private(set) var waits: [LabelOwner: Wait] = [:]

    /// The neighbors that take no route with two labels: what is of a label space is not for them (RFC 8277 §2.1).
    private(set) var withOneLabel: Set<NeighborIdentity> = []

    func setWithOneLabel(_ neighbors: Set<NeighborIdentity>) { withOneLabel = neighbors }

    func setWaits(_ waits: [LabelOwner: Wait]) { self.waits = waits }

    func subject(of vrf: VRFInputs, to neighbor: NeighborInputs) -> LabelSubject {
        guard vrf.circuitGateways[neighbor.peer] == nil else { return .vrfOnCircuit(vrf.identity) }
        guard let owner = commonOwner(of: vrf, to: neighbor) else { return .vrf(vrf.identity) }
        return waits[owner]?.meanwhile ?? owner.subject
    }

    /// Who is to have the common label of the VRF there; `nil` if the neighbor is told another.
    func commonOwner(of vrf: VRFInputs, to neighbor: NeighborInputs) -> LabelOwner? {
        guard let label = vrf.commonLabel, vrf.circuitGateways[neighbor.peer] == nil, let identity = neighbor.identity
        else { return nil }
        guard label.context == nil || !withOneLabel.contains(identity) else { return nil }
        return LabelOwner(.common(vrf.identity, label), neighbor: identity)
    }
}
