import Addressing
import BGP

/// The routes of routers that have no labels at all, since too many have some; whoever came first is the first to have some.
struct WaitingRouters {
    private var routes: [IPv4Address: DistinctQueue<NLRI>] = [:]
    private var routers: [NLRI: IPv4Address] = [:]
    private var row = DistinctQueue<IPv4Address>()

    /// How many routes wait.
    var count: Int { routers.count }

    func contains(_ nlri: NLRI) -> Bool { routers[nlri] != nil }

    mutating func insert(_ nlri: NLRI, of router: IPv4Address) {
        routers[nlri] = router
        routes[router, default: DistinctQueue()].append(nlri)
        if !row.contains(router) { row.append(router) }
    }

    mutating func remove(_ nlri: NLRI) {
        guard !routers.isEmpty, let router = routers.removeValue(forKey: nlri) else { return }
        routes[router]?.remove(nlri)
        guard routes[router]?.isEmpty == true else { return }
        routes[router] = nil
        row.remove(router)
    }

    /// The routes of the first router, which do not wait here any more; `nil`: nobody waits.
    mutating func takeFirst() -> [NLRI]? {
        guard let router = row.popFirst(), var queue = routes.removeValue(forKey: router) else { return nil }
        var taken: [NLRI] = []
        while let nlri = queue.popFirst() {
            routers[nlri] = nil
            taken.append(nlri)
        }
        return taken
    }
}
