import BGP

/// Routes by their targets, so that what has one target is found without a pass over all. A route that has lost a target, or is
/// gone, may still be found under it.
struct RouteTargetIndex {
    /// So many entries more than twice those of a fresh index are borne with.
    private static let slack = 10_000

    private var routes: [UInt64: Set<NLRI>] = [:]
    /// Who wants all wants these as well.
    private var withoutTarget: Set<NLRI> = []
    private var count = 0
    private var freshCount = 0

    /// The route has these communities.
    mutating func insert(_ nlri: NLRI, _ communities: [ExtendedCommunity]) {
        var hasTarget = false
        for community in communities where community.routeTarget != nil {
            hasTarget = true
            if routes[community.rawValue, default: []].insert(nlri).inserted { count += 1 }
        }
        if !hasTarget, withoutTarget.insert(nlri).inserted { count += 1 }
    }

    /// What is in it now is there.
    mutating func noteFresh() { freshCount = count }

    /// Whether so much of it may be of the past that it is to be made anew.
    var isOutworn: Bool { count > 2 * freshCount + Self.slack }

    /// The routes that have, or have had, a target of a prefix.
    func routes(of prefix: RouteTargetPrefix) -> Set<NLRI> {
        if prefix.length == 64 { return routes[prefix.rawValue] ?? [] }
        var found = prefix.length == 0 ? withoutTarget : []
        for (target, routes) in routes where target & RouteTargetPrefix.mask(prefix.length) == prefix.rawValue {
            found.formUnion(routes)
        }
        return found
    }
}
