import Addressing
import BGP

/// What all parts of a ``RoutingTable`` work with: the inputs, the time of the event that is being handled, and what it
/// has led to so far. The table sets the first two and takes the effects; the parts read, and add effects at the end.
final class RoutingContext {
    private(set) var inputs = RoutingInputs(autonomousSystem: 0)
    private(set) var now = Instant(millisecondsSince1970: 0)
    /// Whether there are neighbors in the operator's own network.
    private(set) var hasInternalNeighbors = false
    /// Whether any of them is to say which VPN routes it wants.
    private(set) var hasMembership = false
    /// The families in which routes of internal neighbors go on to others of them.
    private(set) var reflectedFamilies: Set<SessionFamily> = []
    /// Whether VPN routes may go on from or to neighbors on NNIs without a VRF.
    private(set) var isRelaying = false
    /// The route distinguishers of the VRFs.
    private(set) var vrfDistinguishers: Set<RouteDistinguisher> = []
    /// Whether the first convergence is over.
    private(set) var isConverged = false
    private var effects: [RoutingEffect] = []

    /// An event is handled that happened now.
    func begin(at now: Instant) { self.now = now }

    /// Goes over to new inputs, and returns the old.
    func configure(_ inputs: RoutingInputs) -> RoutingInputs {
        defer {
            self.inputs = inputs
            hasInternalNeighbors = inputs.neighbors.values.contains(where: \.isInternal)
            hasMembership = inputs.neighbors.values.contains { $0.role(in: .routeTargets) != nil }
            reflectedFamilies = Set(inputs.reflectorClients.keys)
            isRelaying = inputs.isRelaying
            vrfDistinguishers = Set(inputs.vrfs.values.map(\.routeDistinguisher))
        }
        return self.inputs
    }

    /// Whether a neighbor's route is kept though no VRF imports it.
    func keepsWithoutImport(_ attributes: PathAttributes, _ family: SessionFamily, of neighbor: NeighborState) -> Bool {
        inputs.keepsRoutesWithoutImport || isReflected(family, of: neighbor)
            || isRelayed(attributes, family, of: neighbor)
    }

    /// Whether a neighbor's route may go on without a VRF.
    private func isRelayed(_ attributes: PathAttributes, _ family: SessionFamily, of neighbor: NeighborState) -> Bool {
        guard isRelaying, family.isVPN, let role = neighbor.role(in: family) else { return false }
        // Those of an Option B neighbor were looked at when they came in.
        return role == .optionB
            || (role.isInternal && neighbor.inputs.families[family]?.relay.imported.admit(attributes) == true)
    }

    /// Whether a neighbor's routes may go on to internal neighbors as they are.
    func isReflected(_ family: SessionFamily, of neighbor: NeighborState) -> Bool {
        neighbor.isInternal && reflectedFamilies.contains(family)
    }

    func noteConverged() {
        isConverged = true
        add(.converged)
    }

    func add(_ effect: RoutingEffect) { effects.append(effect) }

    func log(_ event: RoutingLogEvent) { effects.append(.log(event)) }

    /// Counts a rejection, and says it in the log if a line is due.
    func count(_ reason: RouteRejection, _ nlri: NLRI, from neighbor: NeighborState, in table: AdjRIBInTable) {
        guard let count = table.count(reason, now: now) else { return }
        log(.routesRejected(neighbor: neighbor.peer, reason, count: count, example: nlri))
    }

    /// What the event has led to.
    func take() -> [RoutingEffect] {
        defer { effects = [] }
        return effects
    }
}
