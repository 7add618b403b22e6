import Addressing
import BGP

/// What routing is told of one VRF.
public struct VRFInputs: Hashable, Sendable {
    /// Where a route comes from that is brought into BGP.
    public enum RedistributedSource: Hashable, Sendable {
        case connected
        case staticRoutes
    }

    public let name: String
    /// What it is called in effects; with another one it is another VRF.
    public let number: VRFNumber
    /// Different in every VRF: of VRFs that share one, only the first by name exports.
    public var routeDistinguisher: RouteDistinguisher
    /// The targets that hold towards all neighbors.
    public var importTargets: Set<RouteTarget> = []
    public var exportTargets: Set<RouteTarget> = []
    /// Those that hold beside them, and where.
    public var sideTargets: [RouteTargetSide: RouteTargetPolicy] = [:]
    /// The families that the VRF carries.
    public var families: Set<AddressFamily> = [.ipv4, .ipv6]
    /// `optE transit`: whether routes of one Option E neighbor go to another.
    public var allowsTransit = false
    /// Whether neighbors' routes are used that are connected subnets of the VRF or inside them.
    public var acceptsConnectedSubnets = false
    /// The most routes in the VRF, both families and its own included; beyond it imported ones are refused.
    public var maximumRoutes: UInt32?
    /// From how many routes on there is a warning in the log; `nil` for none.
    public var warningRoutes: UInt32?
    /// The neighbors on which the VRF is eligible: those that `optE` names (or all), those on whose NNI it has
    /// a unit, and those of ``circuitGateways``. Addresses of neighbors that do not exist have no effect.
    public var eligibleNeighbors: Set<PeerAddress> = []
    /// The eligible neighbors with which packets are exchanged without labels, on circuits of the VRF (Option AB), and for each
    /// family the far end there; a family whose circuit cannot be used has none.
    public var circuitGateways: [PeerAddress: [AddressFamily: CircuitGateway]] = [:]
    /// The addresses of the VRF's circuits that are up.
    public var circuitAddresses: Set<CircuitAddress> = []
    public var staticRoutes: Set<StaticRouteInputs> = []
    /// What the labels of its routes mean to the own network and to Option B neighbors.
    public var labelMode = LabelMode.perVRF
    /// The most labels that its routes take up, in use and in quarantine and for all neighbors that are told them; `nil`: a
    /// share of the range.
    public var maximumLabels: Int?
    /// Whether a customer is a carrier itself: then its LSPs go through (RFC 4364 §9), wherever a route leads by a label.
    public var servesCarrier = false
    /// The label that stands for the VRF on all neighbors, by provisioning; `nil`: each is told one of its own.
    public var commonLabel: CommonLabel?
    /// Whether a neighbor is told one of its own for as long as it may not be told the common one.
    public var hasFallbackLabel = false
    /// What of the VRF's own routes is brought into BGP, for each family.
    public var redistributed: [AddressFamily: Set<RedistributedSource>] = [:]
    /// How many equal paths are used at the same time; in a family without limits, one.
    public var maximumPaths: [AddressFamily: MultipathLimits] = [:]
    /// Which of the neighbors' routes may enter; a family without one takes all that the targets call for.
    public var importFilters: [AddressFamily: PrefixFilter] = [:]
    /// Which of the routes may go to neighbors.
    public var exportFilters: [AddressFamily: PrefixFilter] = [:]

    /// What is taken of what that leaves, and what becomes of its attributes in this VRF.
    public var importPolicies: [AddressFamily: RoutePolicy] = [:]
    /// The same for what goes to neighbors, and what targets it gets.
    public var exportPolicies: [AddressFamily: RoutePolicy] = [:]

    /// What the labels of its routes mean to a neighbor: with Option E always the VRF, and so where no packet has them.
    func labelMode(to neighbor: NeighborInputs) -> LabelMode {
        guard labelMode != .perVRF, circuitGateways[neighbor.peer] == nil else { return .perVRF }
        return neighbor.families.values.contains { $0.role == .optionB || $0.role?.isInternal == true }
            ? labelMode : .perVRF
    }

    /// Whether routes may be given to a neighbor by the label of the VRF.
    func tellsItsLabel(to neighbor: NeighborInputs) -> Bool { labelMode(to: neighbor) != .perPrefix }

    /// The name of a circuit.
    func circuitName(_ number: InterfaceNumber) -> String {
        circuitAddresses.first { $0.number == number }?.circuit ?? "\(number)"
    }

    /// The targets by which routes of a neighbor are taken.
    func importTargets(from neighbor: NeighborInputs) -> Set<RouteTarget> {
        sideTargets.reduce(importTargets) { neighbor.isOn($1.key) ? $0.union($1.value.imported) : $0 }
    }

    /// What its routes get for a neighbor, in the order of the targets.
    /// - Parameter change: what the VRF's export map says about that.
    func exportCommunities(
        to neighbor: NeighborInputs, changedBy change: AttributeChanges.Values<RouteTarget>? = nil
    ) -> [ExtendedCommunity] {
        var targets = sideTargets.reduce(exportTargets) { neighbor.isOn($1.key) ? $0.union($1.value.exported) : $0 }
        if let change { targets = change.isAdditive ? targets.union(change.values) : Set(change.values) }
        return targets.sorted().map { ExtendedCommunity($0) }
    }

    /// The neighbors whose far end on a circuit is this.
    func neighbors(at gateway: CircuitGateway) -> Set<PeerAddress> {
        Set(circuitGateways.filter { $0.value.values.contains(gateway) }.keys)
    }

    /// Whether packets of a family can come from a neighbor as it is told; by its label they always can.
    func isReachable(from neighbor: PeerAddress, _ family: AddressFamily) -> Bool {
        circuitGateways.isEmpty || circuitGateways[neighbor].map { $0[family] != nil } ?? true
    }

    public var identity: VRFIdentity { VRFIdentity(name: name, routeDistinguisher: routeDistinguisher) }

    public init(name: String, number: VRFNumber, routeDistinguisher: RouteDistinguisher) {
        self.name = name
        self.number = number
        self.routeDistinguisher = routeDistinguisher
    }
}

/// An address of the box on an attachment circuit, or with the length of an address on no link.
public struct CircuitAddress: Hashable, Sendable {
    /// The circuit's interface name, by which static routes call it.
    public let circuit: String
    /// The circuit in actions; ``InterfaceNumber/none`` for an address on no link.
    public let number: InterfaceNumber
    /// The box's own address there and the length of its subnet.
    public let address: InterfaceAddress

    public init(circuit: String, number: InterfaceNumber, address: InterfaceAddress) {
        self.circuit = circuit
        self.number = number
        self.address = address
    }
}

/// The far end of an Option AB neighbor on a circuit of a VRF.
public struct CircuitGateway: Hashable, Sendable {
    public let circuit: InterfaceNumber
    public let address: IPAddress

    public init(circuit: InterfaceNumber, address: IPAddress) {
        self.circuit = circuit
        self.address = address
    }
}

/// A static route. It is active while its next hop lies in a connected subnet of the VRF, or on the link of a circuit that
/// carries IPv6.
public struct StaticRouteInputs: Hashable, Sendable {
    public enum NextHop: Hashable, Sendable {
        /// Packets are dropped and counted.
        case discard
        /// An address of the prefix's family.
        case address(IPAddress)
        /// A link-local address on the link of a circuit.
        case onLink(circuit: String, IPv6Address)
    }

    public let prefix: IPPrefix
    public let nextHop: NextHop
    /// The administrative distance: the lowest wins, 20 and less wins over BGP, 255 is never used.
    public let distance: UInt8

    public init(prefix: IPPrefix, nextHop: NextHop, distance: UInt8 = 1) {
        self.prefix = prefix
        self.nextHop = nextHop
        self.distance = distance
    }
}
