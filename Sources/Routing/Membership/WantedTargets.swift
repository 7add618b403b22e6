import BGP

/// The route targets of which somebody wants routes: prefixes of targets, each for as long as anything says it.
struct WantedTargets {
    /// How many origin ASes have said each.
    private var counts: [RouteTargetPrefix: Int] = [:]
    /// How many of the prefixes have each length: nearly always whole targets, and the default.
    private var lengths: [UInt8: Int] = [:]

    /// `false`: that was there already.
    mutating func insert(_ prefix: RouteTargetPrefix) -> Bool {
        counts[prefix, default: 0] += 1
        guard counts[prefix] == 1 else { return false }
        lengths[prefix.length, default: 0] += 1
        return true
    }

    /// `false`: something else says it too, or nothing did.
    mutating func remove(_ prefix: RouteTargetPrefix) -> Bool {
        guard let count = counts[prefix] else { return false }
        counts[prefix] = count > 1 ? count - 1 : nil
        guard count == 1, let others = lengths[prefix.length] else { return false }
        lengths[prefix.length] = others > 1 ? others - 1 : nil
        return true
    }

    /// Whether routes with these communities are wanted: with one of the targets, or whatever they have (RFC 4684 §6).
    func wants(_ communities: [ExtendedCommunity]) -> Bool {
        if lengths[0] != nil { return true }
        for community in communities {
            guard let target = community.routeTarget else { continue }
            for length in lengths.keys where counts[RouteTargetPrefix(target.rawValue, length: length)] != nil {
                return true
            }
        }
        return false
    }
}
