import BGP

/// The choice among the candidates of one prefix (RFC 4271 §9.1.2).
enum BestPath {
    /// LOCAL_PREF of a route that carries none, as routes of other AS do not.
    private static let defaultLocalPreference: UInt32 = 100

    /// The best of `paths`; `nil` only if there is none. It may be one whose next hop is unreachable if all are.
    ///
    /// The rules are applied to the whole set one after the other, since the fourth compares routes of the same
    /// neighboring AS only: to compare two at a time would make the outcome depend on their order.
    static func index(in paths: [Path]) -> Int? {
        guard paths.count > 1 else { return paths.indices.first }
        var candidates = Array(paths.indices)
        keepEquals(&candidates, paths)
        // 5. §9.1.2.2 d: external before internal. The next hops of external ones are on the link (e), and transports to PEs
        //    have no metric.
        keepLowest(&candidates) { paths[$0].isInternal ? 1 : 0 }
        // RFC 5004 §3: among external ones the oldest stays.
        keepLowest(&candidates) { paths[$0].isInternal ? Instant(millisecondsSince1970: 0) : paths[$0].learnedAt }
        // 6. §9.1.2.2 f: the lowest BGP identifier, of whoever it was that began (RFC 4456 §9).
        keepLowest(&candidates) { paths[$0].originator }
        // RFC 4456 §9: then the shortest way through reflectors.
        keepLowest(&candidates) { paths[$0].attributes.clusterList.count }
        // 7. §9.1.2.2 g: the lowest neighbor address.
        keepLowest(&candidates) { paths[$0].neighbor.peer.address }
        // 8. One neighbor under several route distinguishers: the lowest; none, a customer's, before all. Neighbors choose
        //    them freely, up to the highest number.
        keepLowest(&candidates) { paths[$0].routeDistinguisher == nil ? 0 : 1 }
        keepLowest(&candidates) { paths[$0].routeDistinguisher?.rawValue ?? 0 }
        return candidates.first
    }

    /// Those of the others that are as good as the best one by what comes before the tie breakers, external before internal, then
    /// in the order of these, but for the age: which paths stand beside the best does not depend on which was there first.
    static func equals(of best: Path, among others: [Path]) -> [Path] {
        let paths = [best] + others
        var candidates = Array(paths.indices)
        keepEquals(&candidates, paths)
        return candidates.filter { $0 > 0 }.map { paths[$0] }.sorted { one, other in
            if one.isInternal != other.isInternal { return !one.isInternal }
            if one.originator != other.originator { return one.originator < other.originator }
            let clusters = (one.attributes.clusterList.count, other.attributes.clusterList.count)
            if clusters.0 != clusters.1 { return clusters.0 < clusters.1 }
            if one.neighbor !== other.neighbor { return one.neighbor.peer < other.neighbor.peer }
            return (one.routeDistinguisher?.rawValue ?? 0) < (other.routeDistinguisher?.rawValue ?? 0)
        }
    }

    /// Rules 0 to 4.
    private static func keepEquals(_ candidates: inout [Int], _ paths: [Path]) {
        // §9.1.2: a route whose next hop cannot be reached has no part in the choice.
        keepLowest(&candidates) { paths[$0].nextHop }
        // 0. RFC 9494 §4.3: a route that is stale for long only where there is no other.
        keepLowest(&candidates) { paths[$0].attributes.communities.contains(.longLivedStale) ? 1 : 0 }
        // 1. The degree of preference (§9.1.1): the highest LOCAL_PREF, with 0 for a route whose sender is about to
        //    shut down (RFC 8326 §4.3).
        keepLowest(&candidates) { index in
            let attributes = paths[index].attributes
            if attributes.communities.contains(.gracefulShutdown) { return UInt32.max }
            return ~(attributes.localPreference ?? defaultLocalPreference)
        }
        // 2. §9.1.2.2 a: the shortest AS path.
        keepLowest(&candidates) { paths[$0].attributes.asPath.length }
        // 3. §9.1.2.2 b: the lowest ORIGIN.
        keepLowest(&candidates) { paths[$0].attributes.origin }
        // 4. §9.1.2.2 c: the lowest MULTI_EXIT_DISC of each neighboring AS; none counts as 0.
        keepLowestDiscriminators(&candidates, paths)
    }

    private static func keepLowest<Value: Comparable>(_ candidates: inout [Int], _ value: (Int) -> Value) {
        guard candidates.count > 1, let lowest = candidates.lazy.map(value).min() else { return }
        candidates.removeAll { value($0) != lowest }
    }

    private static func keepLowestDiscriminators(_ candidates: inout [Int], _ paths: [Path]) {
        guard candidates.count > 1 else { return }
        var lowest: [UInt32?: UInt32] = [:]
        for index in candidates {
            let attributes = paths[index].attributes
            lowest[attributes.asPath.first] = min(
                lowest[attributes.asPath.first] ?? .max, attributes.multiExitDiscriminator ?? 0)
        }
        candidates.removeAll { index in
            let attributes = paths[index].attributes
            return (attributes.multiExitDiscriminator ?? 0) != lowest[attributes.asPath.first]
        }
    }
}
