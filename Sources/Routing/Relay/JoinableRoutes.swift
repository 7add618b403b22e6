import Addressing
import BGP

/// The VPN routes that customers' joins may name, by whom: those that are relayed and say a VRF Route Import (RFC 6514 §7, §11.1.3).
/// ``RouteRelay`` notes what it decides on, ``SignallingRelay`` looks at that once an event is over.
///
/// Joins are many and so are routes: what is kept is for how many routes somebody may join so, and only where that comes to be one or
/// none joins are looked at.
final class JoinableRoutes {
    /// What a join names: a route distinguisher, and a target made of a VRF Route Import.
    struct Named: Hashable {
        let distinguisher: RouteDistinguisher
        let target: UInt64
    }

    /// Who may join.
    struct Opening: Hashable {
        let named: Named
        /// To whom the route is given.
        let joiner: PeerAddress
        /// Who has sent it; `nil`: somebody in the own network.
        let sender: PeerAddress?
    }

    /// Whether anybody is given MVPN routes.
    private var isFollowed = false
    /// The routes that were decided on since this was last asked for.
    private var decided: Set<NLRI> = []
    private var openings: [NLRI: Set<Opening>] = [:]
    private var counts: [Opening: Int] = [:]

    func configure(_ inputs: RoutingInputs) {
        isFollowed = inputs.neighbors.values.contains { neighbor in
            [.ipv4MVPN, .ipv6MVPN].contains { neighbor.role(in: $0) == .optionBSignalling }
        }
        decided.formUnion(openings.keys)
    }

    /// Somebody may be given a route, or may not any more; `best` is the one of it that counts.
    func noteDecided(_ nlri: NLRI, _ best: Path?) {
        guard isFollowed else { return }
        let says = best?.attributes.extendedCommunities.contains { $0.vrfRouteImport != nil } ?? false
        if says || openings[nlri] != nil { decided.insert(nlri) }
    }

    func takeDecided() -> Set<NLRI> {
        defer { decided = [] }
        return decided
    }

    /// By what a path's route is joined.
    static func names(of nlri: NLRI, _ path: Path, isOwnRouter: (IPAddress) -> Bool) -> [Named] {
        guard let distinguisher = nlri.routeDistinguisher else { return [] }
        var contents = path.attributes.contents
        if !path.isInternal { contents.removeForeignJoins(isOwnRouter: isOwnRouter) }
        return contents.extendedCommunities.compactMap { community in
            community.vrfRouteImport.map {
                Named(
                    distinguisher: distinguisher,
                    target: ExtendedCommunity(naming: $0.provider, number: $0.number).rawValue)
            }
        }
    }

    /// A route may be joined so. Returns whether joins of its distinguisher may go now that did not, or the other way round.
    func set(_ new: Set<Opening>, of nlri: NLRI) -> Bool {
        let former = openings[nlri] ?? []
        openings[nlri] = new.isEmpty ? nil : new
        var isAnyChanged = false
        for opening in new.subtracting(former) where count(opening, 1) == 1 { isAnyChanged = true }
        for opening in former.subtracting(new) where count(opening, -1) == 0 { isAnyChanged = true }
        return isAnyChanged
    }

    private func count(_ opening: Opening, _ change: Int) -> Int {
        let count = (counts[opening] ?? 0) + change
        counts[opening] = count > 0 ? count : nil
        return count
    }

    func has(_ opening: Opening) -> Bool { counts[opening] != nil }

    /// The targets by which routers of the own network join what other operators have sent.
    var targetsOfJoins: Set<RouteTarget> {
        var targets: Set<RouteTarget> = []
        for opening in counts.keys where opening.sender != nil {
            if let target = RouteTarget(rawValue: opening.named.target) { targets.insert(target) }
        }
        return targets
    }

    /// The routes of which other operators say that these routers take joins.
    func routes(joinedAt routers: Set<IPAddress>) -> [NLRI] {
        openings.filter { _, openings in
            openings.contains { opening in
                opening.sender != nil
                    && routers.contains(
                        .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: opening.named.target >> 16))))
            }
        }.map(\.key)
    }
}
