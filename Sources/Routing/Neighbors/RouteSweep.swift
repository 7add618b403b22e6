import BGP

/// The removal of a neighbor's routes that were announced before a certain generation, a portion at a time: a million
/// routes of a session that is lost would otherwise hold up everything else for seconds.
///
/// It goes through the prefixes as they were when it began. What has been announced again, or withdrawn, since then is
/// passed over.
struct RouteSweep {
    private let prefixes: [VPNPrefix]
    private var next = 0
    /// Older routes are to go.
    private let generation: UInt32
    /// How many are still there.
    private(set) var routesLeft: Int

    init(_ family: NeighborFamily) {
        generation = family.generation
        var prefixes: [VPNPrefix] = []
        for (prefix, route) in family.received where family.isStale(route) { prefixes.append(prefix) }
        self.prefixes = prefixes
        routesLeft = prefixes.count
    }

    var isOver: Bool { next == prefixes.count }

    func removes(_ route: NeighborFamily.Received) -> Bool {
        // Generations are compared by their distance, so that the number may begin anew.
        route.generation != generation && generation &- route.generation < 1 << 31
    }

    /// The next prefix to look at; at most one that is still to be removed.
    mutating func popNext() -> VPNPrefix? {
        guard next < prefixes.count else { return nil }
        defer { next += 1 }
        return prefixes[next]
    }

    /// A route is removed, or is a newer one from now on.
    mutating func spare(_ route: NeighborFamily.Received) {
        if removes(route) { routesLeft -= 1 }
    }
}
