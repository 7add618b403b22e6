import Addressing
import BGP

/// Which answers there are to which routes: leaves name one whole (RFC 6514 §4.4), and customers' joins the route distinguisher of VPN
/// routes (RFC 6514 §11.1.3).
struct AnsweredRoutes {
    private var leaves: [NLRI: Set<NLRI>] = [:]
    private var joins: [RouteDistinguisher: Set<NLRI>] = [:]

    /// An answer is there, or is not any more.
    mutating func note(_ nlri: NLRI, isThere: Bool) {
        guard nlri.isAnswer else { return }
        if let answered = nlri.answeredRoute {
            if isThere { leaves[answered, default: []].insert(nlri) } else { leaves[answered]?.remove(nlri) }
            if leaves[answered]?.isEmpty == true { leaves[answered] = nil }
        } else if let distinguisher = nlri.routeDistinguisher {
            if isThere { joins[distinguisher, default: []].insert(nlri) } else { joins[distinguisher]?.remove(nlri) }
            if joins[distinguisher]?.isEmpty == true { joins[distinguisher] = nil }
        }
    }

    /// The leaves that answer a route.
    func leaves(of nlri: NLRI) -> Set<NLRI> { leaves[nlri] ?? [] }

    /// The joins that may name VPN routes of a distinguisher.
    func joins(of distinguisher: RouteDistinguisher) -> Set<NLRI> { joins[distinguisher] ?? [] }

    mutating func removeAll() { self = AnsweredRoutes() }
}
