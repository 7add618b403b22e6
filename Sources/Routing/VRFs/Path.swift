import Addressing
import BGP

/// A candidate of a prefix in a VRF: a route of a neighbor that the VRF imports, or that a neighbor inside it has sent.
struct Path {
    let neighbor: NeighborState
    /// Implicit null for a customer's route without one.
    let labels: ReceivedLabels
    /// Whether another border router of the operator's has it from an NNI, by the mark that it came in with.
    let isMarked: Bool
    /// The neighbor's BGP identifier in the session by which the route came.
    let peerIdentifier: IPv4Address
    /// Whether a customer carrier has sent it, with a label that is valid on its circuit.
    let isOfCarrier: Bool
    /// Whether the VRF's route map has made the attributes.
    private(set) var isChanged = false
    /// As the route maps of the neighbor and of the VRF leave them.
    private(set) var attributes: PathAttributes
    /// When the route came with these attributes for the first time.
    let learnedAt: Instant
    /// `nil` for a customer's route.
    let routeDistinguisher: RouteDistinguisher?
    /// The way of its packets if that is not the neighbor's NNI: Option AB.
    private(set) var circuitWay: CircuitWay?
    /// As it was when the path was last looked at.
    private(set) var nextHop: NextHopState

    /// - Parameter nextHop: of its neighbor or PE; on a circuit the circuit's counts.
    init(
        _ route: AdjRIBInTable.Route, _ nlri: NLRI, of neighbor: NeighborState, nextHop: NextHopState,
        by circuitWay: CircuitWay? = nil
    ) {
        self.neighbor = neighbor
        labels = route.labels
        peerIdentifier = route.peerIdentifier
        attributes = route.usedAttributes
        learnedAt = route.learnedAt
        routeDistinguisher = nlri.routeDistinguisher
        isMarked = neighbor.inputs.isMarked(route.attributes)
        isOfCarrier = if case .labeledUnicast = nlri { neighbor.peer.vrf != nil } else { false }
        self.circuitWay = circuitWay
        self.nextHop = circuitWay?.state ?? nextHop
    }

    /// Its next hop is another, or is otherwise.
    mutating func follow(_ nextHop: NextHopState, by circuitWay: CircuitWay?) {
        self.circuitWay = circuitWay
        self.nextHop = circuitWay?.state ?? nextHop
    }

    /// The VRF's route map makes these attributes of the route's. Whose the route is it does not change: the mark stays.
    mutating func change(to attributes: PathAttributes) {
        self.attributes = attributes
        isChanged = true
    }

    /// What the next hop knows its packets by.
    var label: MPLSLabel { labels.own }

    /// Whether a neighbor inside the VRF has sent it.
    var isCustomers: Bool { routeDistinguisher == nil }

    /// Whether a neighbor in the operator's own network has sent it.
    var isInternal: Bool { neighbor.isInternal }

    /// Who brought it into the own AS (RFC 4456 §8).
    var originator: IPv4Address { attributes.originatorIdentifier ?? peerIdentifier }

    /// Whether it came in by an NNI of this box.
    var isFromNNI: Bool { !isCustomers && !isInternal }

    /// Whether it came in by an NNI of this box, or of another box of the operator's.
    var isAnotherOperators: Bool { isFromNNI || isMarked }

    var action: ForwardingAction {
        if let circuitWay { return circuitWay.action }
        if isInternal {
            // What came in without a next hop is not a path.
            guard let provider = attributes.nextHop?.resolvedAddress else { return .discard }
            return .overCore(provider: provider, label: label, isMarked: isMarked)
        }
        guard isCustomers else {
            return .labelled(neighbor: neighbor.peer, label: label, under: labels.outer)
        }
        // What came in without a usable next hop is not a path.
        guard let circuit = neighbor.inputs.circuit,
            let address = CustomerRole.gateway(of: attributes, from: neighbor.inputs)
        else { return .discard }
        return .gateway(circuit: circuit.number, address: address)
    }

    /// Whether `other` replaces it: a VRF has one path for each route distinguisher of each neighbor.
    func isSameRoute(as other: Path) -> Bool {
        neighbor === other.neighbor && routeDistinguisher == other.routeDistinguisher
    }
}
