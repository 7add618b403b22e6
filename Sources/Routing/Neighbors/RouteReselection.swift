import BGP

/// The routes of a neighbor that are chosen or given up, a portion at a time, since the state of their next hop has
/// changed.
///
/// It goes through the prefixes as they were when it began: a route that comes later is taken as the neighbor is then.
struct RouteReselection {
    private let prefixes: [VPNPrefix]
    private var next = 0

    init(_ family: NeighborFamily) { prefixes = Array(family.received.keys) }

    var isOver: Bool { next == prefixes.count }
    var routesLeft: Int { prefixes.count - next }

    mutating func popNext() -> VPNPrefix? {
        guard next < prefixes.count else { return nil }
        defer { next += 1 }
        return prefixes[next]
    }
}
