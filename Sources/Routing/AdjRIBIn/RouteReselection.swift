import Addressing
import BGP

/// The routes of a neighbor that are chosen or given up, a portion at a time, since the state of their next hop has
/// changed.
///
/// It goes through the routes as they were when it began: a route that comes later is taken as the next hop is then.
struct RouteReselection {
    /// The next hops whose state has changed.
    enum Scope {
        /// The neighbor itself, which all its routes lead to.
        case neighbor
        /// PEs that an internal neighbor's routes name.
        case providers(Set<IPAddress>)

        func covers(_ route: AdjRIBInTable.Route) -> Bool {
            switch self {
            case .neighbor: return true
            case .providers(let changed):
                guard let provider = route.usedAttributes.nextHop?.resolvedAddress else { return false }
                return changed.contains(provider)
            }
        }

        func union(_ other: Scope?) -> Scope {
            guard case .providers(let more)? = other else { return other ?? self }
            guard case .providers(let changed) = self else { return self }
            return .providers(changed.union(more))
        }
    }

    let scope: Scope
    private let routes: [NLRI]
    private var next = 0

    init(of scope: Scope, in table: AdjRIBInTable) {
        self.scope = scope
        routes = Array(table.routes.keys)
    }

    var isOver: Bool { next == routes.count }
    var routesLeft: Int { routes.count - next }

    mutating func popNext() -> NLRI? {
        guard next < routes.count else { return nil }
        defer { next += 1 }
        return routes[next]
    }
}
