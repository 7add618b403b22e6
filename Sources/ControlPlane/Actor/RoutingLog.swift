import Addressing
import BGP
import Logging
import Routing

extension ControlPlane {
    /// A family whose routes cannot be read, unless the session has ended with it.
    func logDisabled(_ family: AddressFamilyIdentifier, of neighbor: IPAddress) {
        guard let disabled = speaker?.status(of: neighbor)?.disabledFamilies[family] else { return }
        let wait = disabled.since.duration(to: disabled.retryAt).components.seconds
        logger.error(
            "BGP family disabled until the session is reset: the neighbor's routes cannot be read",
            metadata: [
                "neighbor": "\(neighbor)", "family": "\(family)", "reason": "\(disabled.fault.cause)",
                "reset_in_seconds": "\(wait)",
            ])
    }

    /// An event of routing as a line of the log.
    func log(_ event: RoutingLogEvent) {
        switch event {
        case .routesRejected(let neighbor, let rejection, let count, let example):
            logger.warning(
                "received routes count as withdrawn: \(rejection.help)",
                metadata: [
                    "neighbor": "\(neighbor)", "reason": "\(rejection.rawValue)", "count": "\(count)",
                    "example": "\(example)",
                ])
        case .prefixLimitNear(let neighbor, let family, let count, let limit):
            logger.warning(
                count > Int(limit) ? "more routes than maximum-prefix" : "routes come near maximum-prefix",
                metadata: [
                    "neighbor": "\(neighbor)", "family": "\(family)", "count": "\(count)", "limit": "\(limit)",
                ])
        case .maximumRoutesReached(let vrf, let limit):
            logger.error("maximum routes reached", metadata: ["vrf": "\(vrf)", "limit": "\(limit)"])
        case .maximumRoutesNear(let vrf, let count):
            logger.warning("routes come near maximum routes", metadata: ["vrf": "\(vrf)", "count": "\(count)"])
        case .maximumRoutesCleared(let vrf): logger.info("all routes fit again", metadata: ["vrf": "\(vrf)"])
        case .labelsExhausted(let vrf, let neighbor):
            logger.error(
                "no label is free: nothing of the VRF is advertised to the neighbor",
                metadata: ["vrf": "\(vrf)", "neighbor": "\(neighbor)"])
        case .refreshNotPossible(let neighbor, let family):
            logger.warning(
                "the neighbor knows no route refresh: clear its session to get the routes that were not kept",
                metadata: ["neighbor": "\(neighbor)", "family": "\(family)"])
        case .routeDistinguisherShared(let vrf, let other):
            logger.error(
                "two VRFs have one route distinguisher: one of them exports nothing",
                metadata: ["vrf": "\(vrf)", "exports": "\(other)"])
        case .staleRoutesKept(let neighbor, let family, let count):
            logger.info(
                "routes kept over the neighbor's restart",
                metadata: ["neighbor": "\(neighbor)", "family": "\(family)", "count": "\(count)"])
        case .staleRoutesRemoved(let neighbor, let family, let count):
            logger.info(
                "routes gone that the neighbor did not repeat after its restart",
                metadata: ["neighbor": "\(neighbor)", "family": "\(family)", "count": "\(count)"])
        }
    }
}
