import Addressing
import BGP

extension LabelPlacement {
    /// Why the labels of a route are placed nowhere, or not believed; `nil` if they are, or there are none. RFC 9573 §4.2: a PE treats a route
    /// that disagrees with others of its tunnel as if it were withdrawn, and so has to do whoever makes use of labels of tunnels.
    func fault(of nlri: NLRI) -> RouteRejection? {
        guard let route = placed[nlri], let router = routers[route.originator] else {
            return waiting.contains(nlri) ? .labelSpacesFull : nil
        }
        switch Said(nlri, route.attributes, block: blocks[route.block]) {
        case .tunnel(let said)?: return fault(of: said, route, router)
        case .segment?:
            if route.waits { return .labelSpacesFull }
            guard let segment = router.segments[nlri] else { return nil }
            if let fault = segment.fault { return fault }
            let isContradicted =
                router.isContradicted(segment, in: spaces) || router.isContradicted(segment, in: provisioned)
            return isContradicted ? .labelWithTwoMeanings : nil
        case nil: return nil
        }
    }

    private func fault(of said: SaidLabels, _ route: Placed, _ router: RouterLabels) -> RouteRejection? {
        if let fault = said.fault { return fault }
        if router.isInconsistent(said.tunnel) { return .inconsistentTunnel }
        if route.waits { return .labelSpacesFull }
        let assigner = LabelAssigner(address: said.tunnel.owner, originator: route.originator)
        for label in said.labels {
            guard !spaces.isContradicted(label, of: assigner), !provisioned.isContradicted(label, of: assigner) else {
                return .labelWithTwoMeanings
            }
        }
        return nil
    }

    /// Whose route it is that the verdict is on: the best one's; `nil` if nobody's is looked at.
    func judgedNeighbor(of nlri: NLRI) -> NeighborState? {
        placed[nlri]?.neighbor ?? (waiting.contains(nlri) ? best(nlri)?.neighbor : nil)
    }

    /// How many routes say labels that there is no room for.
    var waitingCount: Int {
        var count = waiting.count
        for router in routers.values { count += router.waiting.count }
        return count
    }
}
