import Addressing
import BGP

/// Which routes are answered by which: leaves join what they name whole (RFC 6514 §4.4), and customers' joins name the PE of a VPN
/// route by its VRF Route Import (RFC 6514 §11.1.3).
struct AnsweredRoutes {
    /// What a join names: a route distinguisher, and a target made of a VRF Route Import.
    struct Named: Hashable {
        let distinguisher: RouteDistinguisher
        let target: UInt64
    }

    private var leaves: [NLRI: Set<NLRI>] = [:]
    private var joins: [RouteDistinguisher: Set<NLRI>] = [:]
    /// The VPN routes that can be joined by each, with how many neighbors have sent them so.
    private var joinable: [Named: [NLRI: Int]] = [:]

    /// An answer is there, or is not any more.
    mutating func note(_ nlri: NLRI, isThere: Bool) {
        guard nlri.isAnswer else { return }
        if let answered = nlri.answeredRoute {
            Self.note(nlri, isThere, in: &leaves[answered])
        } else if let distinguisher = nlri.routeDistinguisher {
            Self.note(nlri, isThere, in: &joins[distinguisher])
        }
    }

    private static func note(_ nlri: NLRI, _ isThere: Bool, in routes: inout Set<NLRI>?) {
        if isThere {
            routes = (routes ?? []).union([nlri])
        } else {
            routes?.remove(nlri)
            if routes?.isEmpty == true { routes = nil }
        }
    }

    /// A VPN route of a neighbor has come (1) or is gone (-1).
    mutating func count(_ nlri: NLRI, _ attributes: PathAttributes, _ change: Int) {
        for named in Self.names(of: nlri, attributes) {
            let count = (joinable[named]?[nlri] ?? 0) + change
            joinable[named, default: [:]][nlri] = count > 0 ? count : nil
            if joinable[named]?.isEmpty == true { joinable[named] = nil }
        }
    }

    /// By what a VPN route is joined.
    static func names(of nlri: NLRI, _ attributes: PathAttributes) -> [Named] {
        guard let distinguisher = nlri.vpnPrefix?.routeDistinguisher else { return [] }
        return attributes.extendedCommunities.compactMap { community in
            community.vrfRouteImport.map {
                Named(
                    distinguisher: distinguisher,
                    target: ExtendedCommunity(naming: $0.provider, number: $0.number).rawValue)
            }
        }
    }

    /// The leaves that answer a route.
    func leaves(of nlri: NLRI) -> Set<NLRI> { leaves[nlri] ?? [] }

    /// The joins that may name VPN routes of a distinguisher.
    func joins(of distinguisher: RouteDistinguisher) -> Set<NLRI> { joins[distinguisher] ?? [] }

    /// The VPN routes that are joined so.
    func joined(by named: Named) -> some Collection<NLRI> { (joinable[named] ?? [:]).keys }

    mutating func removeAll() { self = AnsweredRoutes() }
}
