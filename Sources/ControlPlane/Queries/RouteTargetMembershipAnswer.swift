import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

extension ShowRouteTargetMembership: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> RouteTargetMembershipResult {
        let sessions = try plane.index.sessions(with: neighbor, inVRF: nil).filter {
            $0.families[.routeTargets] != nil
        }
        return RouteTargetMembershipResult(
            neighbors: sessions.compactMap { session in
                let status = plane.plan.peer(session.name).flatMap(plane.routing.membership)
                return status.map { NeighborMembership(session.address, $0) }
            })
    }
}

extension NeighborMembership {
    fileprivate init(_ neighbor: IPAddress, _ status: MembershipStatus) {
        var awaitedUntil: Timestamp?
        let state: NeighborMembershipState
        switch status.state {
        case .inForce: state = .inForce
        case .awaited(let until):
            state = .awaited
            awaitedUntil = Timestamp(until)
        case .notCarried: state = .notCarried
        case .disabled: state = .disabled
        }
        self.init(
            neighbor: neighbor, state: state, awaitedUntil: awaitedUntil,
            received: status.received.compactMap { RouteTargetEntry($0.route, $0.attributes, isStale: $0.isStale) },
            advertised: status.advertised.compactMap { RouteTargetEntry($0.route, $0.attributes) })
    }
}

extension RouteTargetEntry {
    /// `nil` for a route of another family.
    fileprivate init?(_ route: NLRI, _ attributes: PathAttributes, isStale: Bool = false) {
        guard case .routeTargets(let membership) = route else { return nil }
        let isDefault = membership.originAutonomousSystem == nil
        self.init(
            originAutonomousSystem: membership.originAutonomousSystem,
            routeTarget: isDefault ? nil : membership.targets.description, lengthBits: membership.bits,
            nextHop: attributes.nextHop?.resolvedAddress, originator: attributes.originatorIdentifier,
            isStale: isStale)
    }
}
