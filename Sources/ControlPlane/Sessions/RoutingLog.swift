import Addressing
import BGP
import Configuration
import ControlProtocol
import Logging
import Routing

extension Logger {
    /// Writes an event of routing.
    /// - Parameter name: neighbors in an operator's words.
    func write(_ event: RoutingLogEvent, name: (PeerAddress) -> NeighborName) {
        switch event {
        case .routesRejected(let neighbor, let rejection, let count, let example):
            let consequence =
                rejection.concernsLabelsAlone
                ? "labels of received routes are placed nowhere"
                : rejection.concernsAnswersAlone
                    ? "answers of the neighbor go nowhere" : "received routes count as withdrawn"
            warning(
                "\(consequence): \(rejection.help)",
                metadata: [
                    "neighbor": "\(name(neighbor))", "reason": "\(rejection.rawValue)", "count": "\(count)",
                    "example": "\(example)",
                ])
        case .tunnelConsistent(let provider, let tree, let count):
            info(
                "a PE's routes by one tunnel agree again about where their labels are from",
                metadata: ["provider": "\(provider)", "tunnel": "\(tree)", "count": "\(count)"])
        case .prefixLimitNear(let neighbor, let family, let count, let limit):
            warning(
                count > Int(limit) ? "more routes than maximum-prefix" : "routes come near maximum-prefix",
                metadata: [
                    "neighbor": "\(name(neighbor))", "family": "\(family)", "count": "\(count)", "limit": "\(limit)",
                ])
        case .maximumRoutesReached(let vrf, let limit):
            error("maximum routes reached", metadata: ["vrf": "\(vrf)", "limit": "\(limit)"])
        case .maximumRoutesNear(let vrf, let count):
            warning("routes come near maximum routes", metadata: ["vrf": "\(vrf)", "count": "\(count)"])
        case .maximumRoutesCleared(let vrf): info("all routes fit again", metadata: ["vrf": "\(vrf)"])
        case .labelsExhausted(let vrf, let neighbor):
            error(
                "no label is free: nothing of the VRF is advertised to the neighbor",
                metadata: ["vrf": "\(vrf)", "neighbor": "\(name(neighbor))"])
        case .maximumLabelsReached(let vrf, let neighbor, let limit):
            error(
                "maximum labels reached: routes of the VRF that need one are not advertised to the neighbor",
                metadata: ["vrf": "\(vrf)", "neighbor": "\(name(neighbor))", "limit": "\(limit)"])
        case .relayLabelsExhausted(let neighbor):
            error(
                "no label is free: routes that need one are not relayed to the neighbor",
                metadata: ["neighbor": "\(name(neighbor))"])
        case .commonLabelWaits(let vrf, let neighbor, let label, let until, let hasOther):
            let consequence = hasOther ? "it is told another meanwhile" : "nothing of the VRF is advertised to it"
            warning(
                "the common label of a VRF may not be said to the neighbor yet: \(consequence)",
                metadata: [
                    "vrf": "\(vrf)", "neighbor": "\(name(neighbor))", "label": "\(label)",
                    "until": until.map { "\(Timestamp($0))" }
                        ?? "its former use and the quarantine after that are over",
                ])
        case .stackNotTaken(let neighbor):
            warning(
                "the neighbor takes no route with two labels (RFC 8277): VRFs with a label of a space have another there",
                metadata: ["neighbor": "\(name(neighbor))"])
        case .refreshNotPossible(let neighbor, let family):
            warning(
                "the neighbor knows no route refresh: clear its session to get the routes that were not kept",
                metadata: ["neighbor": "\(name(neighbor))", "family": "\(family)"])
        case .routeDistinguisherShared(let vrf, let other):
            error(
                "two VRFs have one route distinguisher: one of them exports nothing",
                metadata: ["vrf": "\(vrf)", "exports": "\(other)"])
        case .membershipOverdue(let neighbor):
            warning(
                "the neighbor does not say that it has named all route targets: it gets the VPN routes of those named",
                metadata: ["neighbor": "\(name(neighbor))"])
        case .staleRoutesKept(let neighbor, let family, let count):
            info(
                "routes kept over the neighbor's restart",
                metadata: ["neighbor": "\(name(neighbor))", "family": "\(family)", "count": "\(count)"])
        case .staleRoutesRemoved(let neighbor, let family, let count):
            info(
                "routes gone that the neighbor did not repeat after its restart",
                metadata: ["neighbor": "\(name(neighbor))", "family": "\(family)", "count": "\(count)"])
        }
    }
}
