import Addressing
import BGP

/// A BGP neighbor: its session, what it told us and what we told it.
final class NeighborState {
    let peer: PeerAddress
    private(set) var inputs: NeighborInputs
    /// Whether it is in the operator's own network, which is asked for each route.
    private(set) var isInternal: Bool
    /// What it is to us in each family, which is asked for each route.
    private var roles: PerFamily<NeighborRole?>
    /// `nil` while the session is down.
    private(set) var session: SessionParameters?
    /// Of its routes.
    private(set) var nextHop = NextHopState.resolved
    /// While the session is down: until when the neighbor may go on using what it was told. `nil`: not at all.
    private(set) var labelsEnd: Instant?
    /// The route maps of each family, as the inputs have them, each with its memory.
    private var importPolicies: PerFamily<AppliedRoutePolicy?>
    private var exportPolicies: PerFamily<AppliedRoutePolicy?>
    let received = AdjRIBIn()
    let advertised = AdjRIBOut()
    /// Which VPN routes it wants, where it is to say that.
    let membership = ReceivedMembership()

    /// - Parameter labelsEnd: until when it goes on using what a process before this one told it.
    init(_ inputs: NeighborInputs, labelsEnd: Instant?) {
        peer = inputs.peer
        self.inputs = inputs
        isInternal = inputs.isInternal
        roles = PerFamily(inputs.role)
        importPolicies = Self.importPolicies(inputs)
        exportPolicies = Self.exportPolicies(inputs)
        self.labelsEnd = labelsEnd
    }

    /// What it is to us in a family.
    func role(in family: SessionFamily) -> NeighborRole? { roles[family] }

    /// What its routes meet; `nil`: all are taken as they are.
    func importPolicy(in family: SessionFamily) -> AppliedRoutePolicy? { importPolicies[family] }

    /// What meets the routes that it is given; `nil`: they go as they are.
    func exportPolicy(in family: SessionFamily) -> AppliedRoutePolicy? { exportPolicies[family] }

    private static func importPolicies(_ inputs: NeighborInputs) -> PerFamily<AppliedRoutePolicy?> {
        PerFamily { family in
            guard let settings = inputs.families[family], let role = inputs.role(in: family) else { return nil }
            return AppliedRoutePolicy(settings.importPolicy, role.amendments(settings))
        }
    }

    private static func exportPolicies(_ inputs: NeighborInputs) -> PerFamily<AppliedRoutePolicy?> {
        PerFamily { AppliedRoutePolicy(inputs.families[$0]?.exportPolicy) }
    }

    /// Whether routes of `family` are exchanged now.
    func exchanges(_ family: SessionFamily) -> Bool {
        role(in: family) != nil && session?.families.contains(family) == true
    }

    /// Whether routes of any family are exchanged now.
    var exchangesRoutes: Bool { SessionFamily.allCases.contains(where: exchanges) }

    /// Whether what it was told counts: while its session is up and for the time of a graceful restart.
    func holdsLabels(now: Instant) -> Bool {
        guard !inputs.isShutdown else { return false }
        return session != nil || labelsEnd.map { $0 > now } ?? false
    }

    func configure(_ inputs: NeighborInputs) {
        self.inputs = inputs
        isInternal = inputs.isInternal
        roles = PerFamily(inputs.role)
        importPolicies = Self.importPolicies(inputs)
        exportPolicies = Self.exportPolicies(inputs)
        advertised.forgetOwnAttributes()
        membership.forgetAnswers()
    }

    func setNextHop(_ nextHop: NextHopState) { self.nextHop = nextHop }

    func begin(_ session: SessionParameters) {
        self.session = session
        labelsEnd = nil
    }

    /// The session is over.
    ///
    /// - Parameter labelsEnd: until when the neighbor may go on using what it was told.
    func end(labelsEnd: Instant?) {
        session = nil
        advertised.end()
        membership.endWait()
        self.labelsEnd = labelsEnd
    }

    /// What it was told does not count any more.
    func endLabels() { labelsEnd = nil }
}

/// The neighbors by their addresses.
final class RoutingNeighbors {
    private var byAddress: [PeerAddress: NeighborState] = [:]
    private var byVRF: [VRFNumber: [NeighborState]] = [:]

    subscript(address: PeerAddress) -> NeighborState? { byAddress[address] }

    var all: some Collection<NeighborState> { byAddress.values }

    /// Those inside a VRF, in the order of their addresses.
    func customers(of vrf: VRFNumber) -> [NeighborState] { byVRF[vrf] ?? [] }

    /// In the order of their addresses, which makes the order of effects repeatable.
    var inOrder: [NeighborState] { byAddress.values.sorted { $0.peer < $1.peer } }

    func add(_ neighbor: NeighborState) {
        byAddress[neighbor.peer] = neighbor
        guard let vrf = neighbor.peer.vrf else { return }
        byVRF[vrf] = (customers(of: vrf) + [neighbor]).sorted { $0.peer < $1.peer }
    }

    func remove(_ neighbor: NeighborState) {
        byAddress[neighbor.peer] = nil
        guard let vrf = neighbor.peer.vrf else { return }
        byVRF[vrf] = customers(of: vrf).filter { $0 !== neighbor }
    }
}
