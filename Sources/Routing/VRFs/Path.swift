import Addressing
import BGP

/// A candidate of a prefix in a VRF: a route of a neighbor that the VRF imports.
struct Path {
    let neighbor: NeighborState
    let routeDistinguisher: RouteDistinguisher
    let label: MPLSLabel
    /// The neighbor's BGP identifier in the session by which the route came.
    let peerIdentifier: IPv4Address
    let attributes: PathAttributes
    /// When the route came with these attributes for the first time.
    let learnedAt: Instant
    /// As it was when the path was last looked at.
    var nextHop: NextHopState

    var action: ForwardingAction { .labelled(neighbor: neighbor.address, label: label) }

    /// Whether `other` replaces it: a VRF has one path for each route distinguisher of each neighbor.
    func isSameRoute(as other: Path) -> Bool {
        neighbor === other.neighbor && routeDistinguisher == other.routeDistinguisher
    }
}
