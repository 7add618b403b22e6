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
    /// The addresses of this box and of its neighbors in the own network.
    private var ownAddresses: Set<IPAddress> = []
    /// The PEs that routes of internal neighbors name, while anything is relayed.
    private var ownProviders: Set<IPAddress> = []
    /// Those that have become known since this was last asked for.
    private var newRouters: Set<IPAddress> = []
    /// The targets by which routers of the own network join what other operators have sent.
    private(set) var targetsOfJoins: Set<RouteTarget> = []
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
            ownAddresses = []
            for (peer, neighbor) in inputs.neighbors where peer.vrf == nil {
                ownAddresses.insert(neighbor.localAddress)
                if neighbor.isInternal { ownAddresses.insert(peer.address) }
            }
            newRouters.formUnion(ownAddresses)
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

    /// Whether an address is of this box, of a neighbor in the own network, or of a PE that their routes name.
    func isOwnRouter(_ address: IPAddress) -> Bool { ownAddresses.contains(address) || ownProviders.contains(address) }

    /// A route of an internal neighbor names a PE.
    func noteProvider(_ address: IPAddress) {
        if isRelaying, ownProviders.insert(address).inserted { newRouters.insert(address) }
    }

    /// Forgets PEs that no route names any more.
    func keepProviders(_ named: Set<IPAddress>) { ownProviders.formIntersection(named) }

    func takeNewRouters() -> Set<IPAddress> {
        defer { newRouters = [] }
        return newRouters
    }

    /// Returns whether they are others than before.
    func setTargetsOfJoins(_ targets: Set<RouteTarget>) -> Bool {
        defer { targetsOfJoins = targets }
        return targets != targetsOfJoins
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
