import Addressing
import BGP

/// The labelled unicast routes of the default table (RFC 8277): the ways to PEs that routers of the operator's own network
/// know. No packet is forwarded by this table itself; what it has are transports for the routes of VRFs.
///
/// Whether a next hop can be reached (RFC 4271 §9.1.2.1) is asked where ways of all kinds are known, outside. So all of a
/// prefix's ways are told, in the order in which they are preferred (§9.1.2.2), and the first that leads anywhere is taken:
/// a choice made here would depend on next hops whose reachability may depend on the choice.
final class DefaultTable {
    private struct Candidate {
        let path: Path
        let way: LabelledWay
    }

    private let context: RoutingContext
    /// Those of a prefix, the best first; at least one.
    private var candidates: [IPPrefix: [Candidate]] = [:]

    init(_ context: RoutingContext) { self.context = context }

    /// The ways to a prefix, the best first, each once.
    func ways(to prefix: IPPrefix) -> [LabelledWay] {
        var ways: [LabelledWay] = []
        for candidate in candidates[prefix] ?? [] where !ways.contains(candidate.way) { ways.append(candidate.way) }
        return ways
    }

    /// Puts a neighbor's route in, in place of its former one.
    func insert(_ route: AdjRIBInTable.Route, _ prefix: IPPrefix, of neighbor: NeighborState) {
        // Without a next hop it has been refused.
        guard let nextHop = route.usedAttributes.nextHop?.resolvedAddress else { return }
        let labels = [route.labels.first, route.labels.second].compactMap { $0 }.filter { $0 != .implicitNull }
        let path = Path(route, .labeledUnicast(prefix), of: neighbor, nextHop: .resolved)
        change(prefix) { candidates in
            candidates.removeAll { $0.path.neighbor === neighbor }
            candidates.append(Candidate(path: path, way: LabelledWay(nextHop: nextHop, labels: labels)))
        }
    }

    /// Takes a neighbor's route out.
    func remove(_ prefix: IPPrefix, of neighbor: NeighborState) {
        change(prefix) { candidates in candidates.removeAll { $0.path.neighbor === neighbor } }
    }

    private func change(_ prefix: IPPrefix, _ body: (inout [Candidate]) -> Void) {
        let former = ways(to: prefix)
        var changed = candidates[prefix] ?? []
        body(&changed)
        candidates[prefix] = changed.isEmpty ? nil : Self.inOrder(changed)
        let ways = ways(to: prefix)
        if ways != former { context.add(.setWays(prefix: prefix, ways)) }
    }

    /// The best, then the best of the others, and so on.
    private static func inOrder(_ candidates: [Candidate]) -> [Candidate] {
        var left = candidates
        var ordered: [Candidate] = []
        while let best = BestPath.index(in: left.map(\.path)) { ordered.append(left.remove(at: best)) }
        return ordered
    }
}
