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
    /// The VPN routes by their targets, while there are neighbors that say which they want.
    private var targets = RouteTargetIndex()
    private var isIndexed = false

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors) {
        self.context = context
        self.neighbors = neighbors
    }

    /// What `neighbor` is to have of what others have sent; `nil` if nothing.
    func export(_ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) -> Export? {
        guard context.isReflected(family, of: neighbor), let path = best(nlri, family) else { return nil }
        return export(path, of: nlri, family, to: neighbor)
    }

    /// What of a route that internal neighbors sent goes on. RFC 4684 §3.2 ii: of membership what a client wants is told though
    /// another's word for the same is the better path, or nobody would learn that a client wants it.
    private func best(_ nlri: NLRI, _ family: SessionFamily) -> Path? {
        // Whether a transport leads from here to a next hop is not asked: packets do not come this way.
        guard family == .routeTargets else { return routes.best(nlri) { _, _ in .resolved } }
        return routes.best(nlri, among: { ReflectorRole.isClient($0, family) }, nextHop: { _, _ in .resolved })
    }

    private func export(
        _ path: Path, of nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState
    ) -> Export? {
        guard !family.isVPN || neighbor.wants(path.attributes) else { return nil }
        return ReflectorRole.export(path, of: nlri, family, to: neighbor)
    }

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard !context.reflectedFamilies.isEmpty, let family = nlri.sessionFamily else { return }
        if context.isReflected(family, of: neighbor), let route = neighbor.received[family].routes[nlri] {
            routes.insert(nlri, of: neighbor)
            if isIndexed, family.isVPN {
                targets.insert(nlri, route.usedAttributes.contents.extendedCommunities)
                if targets.isOutworn { index() }
            }
        } else {
            guard routes.remove(nlri, of: neighbor) else { return }
        }
        let best = best(nlri, family)
        for other in internalNeighbors where other.exchanges(family) { note(nlri, family, best, for: other) }
    }

    /// The inputs are others, and the neighbors follow them already. For what has to be sent because of that see
    /// ``enqueueRoutes(for:)``.
    func configure(_ old: RoutingInputs) {
        internalNeighbors = neighbors.inOrder.filter(\.isInternal)
        defer { if isIndexed != context.hasMembership { index() } }
        guard context.reflectedFamilies != Set(old.reflectorClients.keys) else { return }
        targets = RouteTargetIndex()
        isIndexed = false
        routes.removeAll()
        for neighbor in internalNeighbors {
            for family in SessionFamily.allCases where context.isReflected(family, of: neighbor) {
                for nlri in neighbor.received[family].routes.keys { routes.insert(nlri, of: neighbor) }
            }
        }
    }

    /// Brings the routes under their targets.
    private func index() {
        targets = RouteTargetIndex()
        isIndexed = context.hasMembership
        guard isIndexed else { return }
        for nlri in routes.all {
            guard let family = nlri.sessionFamily, family.isVPN else { continue }
            for sender in routes.senders(of: nlri) {
                guard let route = sender.received[family].routes[nlri] else { continue }
                targets.insert(nlri, route.usedAttributes.contents.extendedCommunities)
            }
        }
        targets.noteFresh()
    }

    /// Notes the VPN routes of targets that `neighbor` has come to want, or not to want.
    func enqueueRoutes(of changes: [RouteTargetPrefix], for neighbor: NeighborState) {
        for change in changes {
            for nlri in targets.routes(of: change) {
                guard let family = nlri.sessionFamily, neighbor.exchanges(family) else { continue }
                note(nlri, family, best(nlri, family), for: neighbor)
            }
        }
    }

    /// Notes all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard neighbor.isInternal else { return }
        for nlri in routes.all {
            guard let family = nlri.sessionFamily, neighbor.exchanges(family) else { continue }
            note(nlri, family, best(nlri, family), for: neighbor)
        }
    }

    private func note(_ nlri: NLRI, _ family: SessionFamily, _ best: Path?, for neighbor: NeighborState) {
        var isWanted = false
        if let best { isWanted = export(best, of: nlri, family, to: neighbor) != nil }
        if isWanted || neighbor.advertised[family].routes[nlri] != nil {
            neighbor.advertised.enqueue(nlri, like: best?.attributes)
        }
    }
}
