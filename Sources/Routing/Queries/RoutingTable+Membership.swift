import Addressing
import BGP

/// Which VPN routes a neighbor wants, and which it is asked for (RFC 4684).
public struct MembershipStatus: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case inForce
        /// Nothing is sent before the neighbor has said all that it wants, or the time for it is over.
        case awaited(until: Instant)
        /// The neighbor gets all: there is no session with the family.
        case notCarried
        /// Likewise: what it says cannot be read.
        case disabled
    }

    public let state: State
    /// In ascending order.
    public let received: [ReceivedRoute]
    public let advertised: [AdvertisedRoute]
}

extension RoutingTable {
    /// `nil` if there is no such neighbor.
    public func membership(of address: PeerAddress) -> MembershipStatus? {
        guard let neighbor = neighbors[address] else { return nil }
        let state: MembershipStatus.State =
            if !neighbor.exchanges(.routeTargets) {
                .notCarried
            } else if neighbor.received[.routeTargets].isDisabled {
                .disabled
            } else {
                neighbor.membership.waitsUntil.map { .awaited(until: $0) } ?? .inForce
            }
        return MembershipStatus(
            state: state,
            received: receivedRoutes(
                from: address, family: .routeTargets,
                among: identifiers(.received, address, family: .routeTargets).sorted()),
            advertised: advertisedRoutes(
                to: address, family: .routeTargets,
                among: identifiers(.advertised, address, family: .routeTargets).sorted()))
    }
}
