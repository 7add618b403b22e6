import Addressing
import BGP

/// The box as a route reflector for PEs of its own network (RFC 4456): follows what internal neighbors send, and notes for
/// whom it goes on. A route that a VRF of this box exports under the same route distinguisher goes before it.
final class RouteReflection {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private var routes = RouteSenders()
    /// In the order of their addresses.
    private var internalNeighbors: [NeighborState] = []

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    /// What `neighbor` is to have of what others have sent; `nil` if nothing.
    func export(_ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> Export? {
        guard context.isReflected(family, of: neighbor), let path = best(nlri) else { return nil }
        return ReflectorRole.export(path, of: nlri, family, to: neighbor)
    }

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard !context.reflectedFamilies.isEmpty, let family = nlri.sessionFamily else { return }
        if context.isReflected(family, of: neighbor), neighbor.received[family].routes[nlri] != nil {
            routes.insert(nlri, of: neighbor)
        } else {
            guard routes.remove(nlri, of: neighbor) else { return }
        }
        let best = best(nlri)
        for other in internalNeighbors where other.exchanges(family) { note(nlri, family, best, for: other) }
    }

    /// Whether a transport leads from here to a next hop is not asked: packets do not come this way.
    private func best(_ nlri: NLRI) -> Path? { routes.best(nlri) { _, _ in .resolved } }

    /// The inputs are others, and the neighbors follow them already. For what has to be sent because of that see
    /// ``enqueueRoutes(for:)``.
    func configure(_ old: RoutingInputs) {
        internalNeighbors = neighbors.inOrder.filter(\.isInternal)
        guard context.reflectedFamilies != Set(old.reflectorClients.keys) else { return }
        routes.removeAll()
        for neighbor in internalNeighbors {
            for family in SessionFamily.allCases where context.isReflected(family, of: neighbor) {
                for nlri in neighbor.received[family].routes.keys { routes.insert(nlri, of: neighbor) }
            }
        }
    }

    /// Notes all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard neighbor.isInternal else { return }
        for nlri in routes.all {
            guard let family = nlri.sessionFamily, neighbor.exchanges(family) else { continue }
            note(nlri, family, best(nlri), for: neighbor)
        }
    }

    private func note(_ nlri: NLRI, _ family: SessionFamily, _ best: Path?, for neighbor: NeighborState) {
        var isWanted = false
        if let best { isWanted = ReflectorRole.export(best, of: nlri, family, to: neighbor) != nil }
        if isWanted || neighbor.advertised[family].routes[nlri] != nil {
            neighbor.advertised.enqueue(nlri, like: best?.attributes)
        }
    }
}
