import Addressing

/// The candidates of one prefix in a VRF, at least one. Nearly all prefixes have exactly one, which is kept in place.
struct PathSet {
    private(set) var best: Path
    private(set) var others: [Path] = []

    init(_ path: Path) { best = path }

    var all: [Path] { [best] + others }

    /// Adds the path, in place of the same route's former one.
    mutating func insert(_ path: Path) {
        if others.isEmpty, best.isSameRoute(as: path) {
            best = path
            return
        }
        choose(from: all.filter { !$0.isSameRoute(as: path) } + [path])
    }

    /// Takes the neighbor's path with this route distinguisher out; `false` if it was the only one and so the whole
    /// set is to go.
    mutating func remove(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?) -> Bool {
        let left = all.filter { !($0.neighbor === neighbor && $0.routeDistinguisher == routeDistinguisher) }
        guard !left.isEmpty else { return false }
        choose(from: left)
        return true
    }

    /// Takes up how the next hop is now.
    mutating func followNextHop(
        of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?, to state: NextHopState,
        by circuitWay: CircuitWay?
    ) {
        var paths = all
        for index in paths.indices
        where paths[index].neighbor === neighbor && paths[index].routeDistinguisher == routeDistinguisher {
            paths[index].follow(state, by: circuitWay)
        }
        choose(from: paths)
    }

    func contains(_ neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?) -> Bool {
        (best.neighbor === neighbor && best.routeDistinguisher == routeDistinguisher)
            || others.contains { $0.neighbor === neighbor && $0.routeDistinguisher == routeDistinguisher }
    }

    /// The neighbor's path with this route distinguisher.
    func path(of neighbor: NeighborState, _ routeDistinguisher: RouteDistinguisher?) -> Path? {
        if best.neighbor === neighbor, best.routeDistinguisher == routeDistinguisher { return best }
        return others.first { $0.neighbor === neighbor && $0.routeDistinguisher == routeDistinguisher }
    }

    private mutating func choose(from paths: [Path]) {
        guard let index = BestPath.index(in: paths) else { return }
        best = paths[index]
        others = paths
        others.remove(at: index)
    }
}
