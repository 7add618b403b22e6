import BGP

/// The routes of one family that count as withdrawn, with the reason, for whoever asks why a route is not there. They cost
/// memory that is the neighbor's to fill, so they are few, and large attributes are not among what is kept.
struct RejectedRoutes {
    struct Route {
        let reason: RouteRejection
        /// `nil` where they are large.
        let attributes: PathAttributes?
        let rejectedAt: Instant
        /// The value of ``AdjRIBInTable/generation`` when it was announced.
        fileprivate let generation: UInt32
    }

    /// So many are kept.
    static let capacity = 1024

    private(set) var routes: [NLRI: Route] = [:]
    /// How many rejections there were no room for, since there were none at all.
    private(set) var omittedCount = 0

    mutating func note(
        _ nlri: NLRI, _ reason: RouteRejection, _ attributes: PathAttributes, generation: UInt32, now: Instant
    ) {
        guard routes.count < Self.capacity || routes[nlri] != nil else {
            omittedCount += 1
            return
        }
        routes[nlri] = Route(
            reason: reason, attributes: attributes.isLarge ? nil : attributes, rejectedAt: now, generation: generation)
    }

    /// The route is acceptable now, or withdrawn.
    mutating func remove(_ nlri: NLRI) {
        guard !routes.isEmpty, routes.removeValue(forKey: nlri) != nil else { return }
        if routes.isEmpty { self = RejectedRoutes() }
    }

    /// What was not announced again since `generation` began is gone.
    mutating func removeStale(_ generation: UInt32) {
        routes = routes.filter { $0.value.generation == generation }
        if routes.isEmpty { self = RejectedRoutes() }
    }
}
