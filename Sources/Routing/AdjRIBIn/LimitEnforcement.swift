import Addressing
import BGP

/// Limits of a neighbor's routes that are lower than what is there.
struct LimitEnforcement {
    let context: RoutingContext
    let routes: ReceivedRoutes
    let sweeping: RouteSweeping

    /// By `maximum-prefix`: why the session is to end because of a limit that is lower than what is there. Routes of a neighbor
    /// that is away go as well.
    func enforcePrefixLimit(
        _ family: SessionFamily, on neighbor: NeighborState, unlike former: NeighborInputs
    ) -> SessionResetReason? {
        guard let limit = neighbor.inputs.families[family]?.prefixLimit, former.families[family]?.prefixLimit != limit
        else { return nil }
        let count = neighbor.received[family].heldCount
        guard count >= Int(limit.warning) else { return nil }
        guard let time = limit.heldDownTime(with: count) else {
            context.log(
                .prefixLimitNear(neighbor: neighbor.peer, family.identifier, count: count, limit: limit.maximum))
            return nil
        }
        if neighbor.session == nil { sweeping.removeAll(neighbor, family) }
        return .maximumPrefixesReached(family.identifier, limit: limit.maximum, time)
    }

    /// Obeys limits of labels and attributes that are lower than what is there.
    func enforceHoldings(on neighbor: NeighborState) {
        let octets = neighbor.inputs.attributeMemoryOctets
        let excess = neighbor.received.holdings.labels(beyond: neighbor.inputs.maximumLabels ?? .max)
        guard neighbor.received.holdings.attributes.octets > octets || !excess.isEmpty else { return }
        for family in SessionFamily.allCases {
            let table = neighbor.received[family]
            for (nlri, route) in table.routes {
                if excess.contains(route.labels) {
                    routes.rejectForLimits(nlri, route.attributes, from: neighbor, in: table, .maximumLabels)
                } else if route.attributes.isLarge, neighbor.received.holdings.attributes.octets > octets {
                    routes.rejectForLimits(nlri, route.attributes, from: neighbor, in: table, .attributeMemory)
                }
            }
        }
    }
}
