import Addressing
import BGP

/// A candidate of a prefix in a VRF: a route of a neighbor that the VRF imports, or that a neighbor inside it has sent.
struct Path {
    let neighbor: NeighborState
    /// Implicit null for a customer's route.
    let label: MPLSLabel
    /// The neighbor's BGP identifier in the session by which the route came.
    let peerIdentifier: IPv4Address
    let attributes: PathAttributes
    /// When the route came with these attributes for the first time.
    let learnedAt: Instant
    /// `nil` for a customer's route.
    let routeDistinguisher: RouteDistinguisher?
    /// As it was when the path was last looked at.
    var nextHop: NextHopState

    /// Whether a neighbor inside the VRF has sent it.
    var isCustomers: Bool { routeDistinguisher == nil }

    var action: ForwardingAction {
        guard isCustomers else { return .labelled(neighbor: neighbor.peer, label: label) }
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
