import Addressing
import BGP

/// `maximum-prefix`.
extension RoutingTable {
    /// Whether the neighbor may have `count` routes, one more than before. If not, its session has been ended.
    func admits(_ count: Int, _ limit: PrefixLimit, _ family: AddressFamily, of neighbor: NeighborState) -> Bool {
        if let time = limit.heldDownTime(with: count) {
            reset(neighbor, .maximumPrefixesReached(.vpn(family), limit: limit.maximum, time))
            return false
        }
        let state = neighbor.family(family)
        let isDue =
            (count == Int(limit.warning) && state.prefixWarnings.add(now: now) != nil)
            || (count == Int(limit.maximum) + 1 && state.prefixExcesses.add(now: now) != nil)
        if isDue {
            effects.append(
                .log(
                    .prefixLimitNear(neighbor: neighbor.address, .vpn(family), count: count, limit: limit.maximum)))
        }
        return true
    }

    /// Obeys limits that are lower than what is there. Routes of a neighbor that is away go as well.
    func enforcePrefixLimits(on neighbor: NeighborState, unlike former: NeighborInputs) {
        for family in AddressFamily.allCases {
            guard let limit = neighbor.inputs.families[family]?.prefixLimit,
                former.families[family]?.prefixLimit != limit
            else { continue }
            let count = neighbor.family(family).heldCount
            guard count >= Int(limit.warning) else { continue }
            if let time = limit.heldDownTime(with: count) {
                if neighbor.session == nil { removeAll(neighbor, family) }
                reset(neighbor, .maximumPrefixesReached(.vpn(family), limit: limit.maximum, time))
            } else {
                effects.append(
                    .log(
                        .prefixLimitNear(neighbor: neighbor.address, .vpn(family), count: count, limit: limit.maximum)))
            }
        }
    }
}
