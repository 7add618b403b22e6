import BGP

/// The removal of a neighbor's routes that were announced before a certain generation, a portion at a time: a million
/// routes of a session that is lost would otherwise hold up everything else for seconds.
///
/// It goes through the routes as they were when it began. What has been announced again, or withdrawn, since then is
/// passed over.
struct RouteSweep {
    private let routes: [NLRI]
    private var next = 0
    /// Older routes are to go.
    private let generation: UInt32
    /// How many are still there.
    private(set) var routesLeft: Int

    init(_ table: AdjRIBInTable) {
        generation = table.generation
        var stale: [NLRI] = []
        for (nlri, route) in table.routes where table.isStale(route) { stale.append(nlri) }
        routes = stale
        routesLeft = stale.count
    }

    var isOver: Bool { next == routes.count }

    func removes(_ route: AdjRIBInTable.Route) -> Bool {
        // Generations are compared by their distance, so that the number may begin anew.
        route.generation != generation && generation &- route.generation < 1 << 31
    }

    /// The next route to look at; at most one that is still to be removed.
    mutating func popNext() -> NLRI? {
        guard next < routes.count else { return nil }
        defer { next += 1 }
        return routes[next]
    }

    /// A route is removed, or is a newer one from now on.
    mutating func spare(_ route: AdjRIBInTable.Route) {
        if removes(route) { routesLeft -= 1 }
    }
}
