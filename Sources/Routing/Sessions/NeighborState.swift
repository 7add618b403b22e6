import Addressing
import BGP

/// A BGP neighbor: its session, what it told us and what we told it.
final class NeighborState {
    let address: IPAddress
    private(set) var inputs: NeighborInputs
    /// What it is to us in the two VPN families, which is asked for each route.
    private var roles: (ipv4: NeighborRole?, ipv6: NeighborRole?)
    /// `nil` while the session is down.
    private(set) var session: SessionParameters?
    /// Of its routes.
    private(set) var nextHop = NextHopState.resolved
    /// While the session is down: until when the neighbor may go on using what it was told. `nil`: not at all.
    private(set) var labelsEnd: Instant?
    /// The route maps of the two VPN families, as the inputs have them.
    private var policies: Policies
    let received = AdjRIBIn()
    let advertised = AdjRIBOut()

    /// - Parameter labelsEnd: until when it goes on using what a process before this one told it.
    init(_ inputs: NeighborInputs, labelsEnd: Instant?) {
        address = inputs.address
        self.inputs = inputs
        roles = (inputs.role(in: .ipv4), inputs.role(in: .ipv6))
        policies = Policies(inputs)
        self.labelsEnd = labelsEnd
    }

    /// What it is to us in the VPN family with prefixes of `family`.
    func role(in family: AddressFamily) -> NeighborRole? {
        switch family {
        case .ipv4: roles.ipv4
        case .ipv6: roles.ipv6
        }
    }

    /// What its routes meet; `nil`: all are taken as they are.
    func importPolicy(in family: AddressFamily) -> AppliedRoutePolicy? {
        switch family {
        case .ipv4: policies.importedIPv4
        case .ipv6: policies.importedIPv6
        }
    }

    /// What meets the routes that it is given; `nil`: they go as they are.
    func exportPolicy(in family: AddressFamily) -> AppliedRoutePolicy? {
        switch family {
        case .ipv4: policies.exportedIPv4
        case .ipv6: policies.exportedIPv6
        }
    }

    /// Whether routes of `family` are exchanged now.
    func exchanges(_ family: AddressFamily) -> Bool {
        role(in: family) != nil && session?.families.contains(family) == true
    }

    /// Whether routes of any family are exchanged now.
    var exchangesRoutes: Bool { AddressFamily.allCases.contains(where: exchanges) }

    /// Whether what it was told counts: while its session is up and for the time of a graceful restart.
    func holdsLabels(now: Instant) -> Bool {
        guard !inputs.isShutdown else { return false }
        return session != nil || labelsEnd.map { $0 > now } ?? false
    }

    func configure(_ inputs: NeighborInputs) {
        self.inputs = inputs
        roles = (inputs.role(in: .ipv4), inputs.role(in: .ipv6))
        policies = Policies(inputs)
        advertised.forgetOwnAttributes()
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
        self.labelsEnd = labelsEnd
    }

    /// What it was told does not count any more.
    func endLabels() { labelsEnd = nil }
}

/// The route maps of a neighbor, each with its memory.
private struct Policies {
    let importedIPv4: AppliedRoutePolicy?
    let importedIPv6: AppliedRoutePolicy?
    let exportedIPv4: AppliedRoutePolicy?
    let exportedIPv6: AppliedRoutePolicy?

    init(_ inputs: NeighborInputs) {
        importedIPv4 = AppliedRoutePolicy(inputs.families[.ipv4]?.importPolicy, .input)
        importedIPv6 = AppliedRoutePolicy(inputs.families[.ipv6]?.importPolicy, .input)
        exportedIPv4 = AppliedRoutePolicy(inputs.families[.ipv4]?.exportPolicy, .output)
        exportedIPv6 = AppliedRoutePolicy(inputs.families[.ipv6]?.exportPolicy, .output)
    }
}

/// The neighbors by their addresses.
final class RoutingNeighbors {
    private var byAddress: [IPAddress: NeighborState] = [:]

    subscript(address: IPAddress) -> NeighborState? { byAddress[address] }

    var all: some Collection<NeighborState> { byAddress.values }

    /// In the order of their addresses, which makes the order of effects repeatable.
    var inOrder: [NeighborState] { byAddress.values.sorted { $0.address < $1.address } }

    func add(_ neighbor: NeighborState) { byAddress[neighbor.address] = neighbor }

    func remove(_ neighbor: NeighborState) { byAddress[neighbor.address] = nil }
}
