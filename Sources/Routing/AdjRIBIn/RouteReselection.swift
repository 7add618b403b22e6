import BGP

/// The routes of a neighbor that are chosen or given up, a portion at a time, since the state of their next hop has
/// changed.
///
/// It goes through the routes as they were when it began: a route that comes later is taken as the neighbor is then.
struct RouteReselection {
    private let routes: [NLRI]
    private var next = 0

    init(_ table: AdjRIBInTable) { routes = Array(table.routes.keys) }

    var isOver: Bool { next == routes.count }
    var routesLeft: Int { routes.count - next }

    mutating func popNext() -> NLRI? {
        guard next < routes.count else { return nil }
        defer { next += 1 }
        return routes[next]
    }
}
