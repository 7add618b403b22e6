import Addressing
import BGP

/// Who has sent each route that may go on without a VRF. The routes themselves are in the neighbors' Adj-RIBs-In.
struct RouteSenders {
    /// Nearly every route has one sender, and no array is made for that.
    private enum Senders {
        case one(NeighborState)
        /// At least two.
        case several([NeighborState])
    }

    private var senders: [NLRI: Senders] = [:]

    var all: some Collection<NLRI> { senders.keys }

    /// Who has sent the route.
    func senders(of nlri: NLRI) -> [NeighborState] {
        switch senders[nlri] {
        case nil: []
        case .one(let neighbor): [neighbor]
        case .several(let neighbors): neighbors
        }
    }

    /// Whether the neighbor has sent it.
    func has(_ nlri: NLRI, of neighbor: NeighborState) -> Bool {
        switch senders[nlri] {
        case nil: false
        case .one(let other): other === neighbor
        case .several(let others): others.contains { $0 === neighbor }
        }
    }

    mutating func removeAll() { senders = [:] }

    /// The neighbor has the route.
    mutating func insert(_ nlri: NLRI, of neighbor: NeighborState) {
        switch senders[nlri] {
        case nil: senders[nlri] = .one(neighbor)
        case .one(let other):
            if other !== neighbor { senders[nlri] = .several([other, neighbor]) }
        case .several(let others):
            if !others.contains(where: { $0 === neighbor }) { senders[nlri] = .several(others + [neighbor]) }
        }
    }

    /// The neighbor does not have the route. `false`: that was known.
    mutating func remove(_ nlri: NLRI, of neighbor: NeighborState) -> Bool {
        switch senders[nlri] {
        case nil: return false
        case .one(let other):
            guard other === neighbor else { return false }
            senders[nlri] = nil
        case .several(let others):
            let left = others.filter { $0 !== neighbor }
            guard left.count < others.count else { return false }
            senders[nlri] = left.count == 1 ? .one(left[0]) : .several(left)
        }
        return true
    }

    /// The best of what was sent (RFC 4271 §9.1.2); `nil` if nothing was.
    ///
    /// - Parameters:
    ///   - isHeard: whose routes count.
    ///   - nextHop: how the next hop of a neighbor's route is.
    func best(
        _ nlri: NLRI, among isHeard: (NeighborState) -> Bool = { _ in true },
        nextHop: (AdjRIBInTable.Route, NeighborState) -> NextHopState
    ) -> Path? {
        switch senders[nlri] {
        case nil: return nil
        case .one(let neighbor): return isHeard(neighbor) ? path(nlri, of: neighbor, nextHop) : nil
        case .several(let neighbors):
            var paths: [Path] = []
            for neighbor in neighbors where isHeard(neighbor) {
                if let path = path(nlri, of: neighbor, nextHop) { paths.append(path) }
            }
            return BestPath.index(in: paths, of: nlri).map { paths[$0] }
        }
    }

    /// All that was sent of a route, in the order in which it came first.
    func paths(of nlri: NLRI, nextHop: (AdjRIBInTable.Route, NeighborState) -> NextHopState) -> [Path] {
        var paths: [Path] = []
        for neighbor in senders(of: nlri) {
            if let path = path(nlri, of: neighbor, nextHop) { paths.append(path) }
        }
        return paths
    }

    private func path(
        _ nlri: NLRI, of neighbor: NeighborState, _ nextHop: (AdjRIBInTable.Route, NeighborState) -> NextHopState
    ) -> Path? {
        guard let route = neighbor.received.table(of: nlri)?.routes[nlri] else { return nil }
        return Path(route, nlri, of: neighbor, nextHop: nextHop(route, neighbor))
    }
}
