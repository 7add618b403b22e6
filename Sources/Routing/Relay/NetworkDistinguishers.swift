import Addressing
import BGP

/// The route distinguishers of VPN, MVPN and EVPN routes that internal neighbors have sent, which other operators' routes may not have
/// unless it is said. Marked routes are other operators' and do not count.
final class NetworkDistinguishers {
    /// How many routes of internal neighbors have each.
    private var ofCore: [RouteDistinguisher: Int] = [:]
    /// How many routes of Option B neighbors have each, without those that may have it all the same.
    private var ofOthers: [RouteDistinguisher: Int] = [:]
    /// The neighbors whose routes were refused because the core has the distinguisher.
    private var refused: [RouteDistinguisher: Set<PeerAddress>] = [:]
    /// Those that have become the core's, or have ceased to be, since it was asked last what that calls for: what comes and goes
    /// within one event calls for nothing, and many at once for one walk over the routes.
    private var changed: Set<RouteDistinguisher> = []

    /// What changes of the core's routes call for.
    struct Consequences {
        /// Whether routes of Option B neighbors have a distinguisher that is the core's now.
        fileprivate(set) var isAnyTaken = false
        /// The neighbors whose routes were refused for a distinguisher that is the core's no longer.
        fileprivate(set) var released: Set<PeerAddress> = []
    }

    /// Whether routes of the core have it.
    func isOfCore(_ distinguisher: RouteDistinguisher) -> Bool { ofCore[distinguisher] != nil }

    func noteRefused(_ distinguisher: RouteDistinguisher, of neighbor: PeerAddress) {
        if ofCore[distinguisher] != nil { refused[distinguisher, default: []].insert(neighbor) }
    }

    /// A route of a neighbor has come (1) or is gone (-1). An answer has the distinguisher of who is answered.
    func count(_ nlri: NLRI, _ route: AdjRIBInTable.Route?, _ change: Int, of neighbor: NeighborState) {
        guard let route, !nlri.isAnswer, let distinguisher = nlri.routeDistinguisher else { return }
        guard !neighbor.isInternal else {
            if !neighbor.inputs.isMarked(route.attributes) { count(ofCore: distinguisher, change) }
            return
        }
        let accepted = nlri.sessionFamily.flatMap { neighbor.inputs.families[$0]?.relay.acceptedDistinguishers }
        if accepted?.contains(distinguisher) != true { count(ofOthers: distinguisher, change) }
    }

    private func count(ofOthers distinguisher: RouteDistinguisher, _ change: Int) {
        let count = (ofOthers[distinguisher] ?? 0) + change
        ofOthers[distinguisher] = count > 0 ? count : nil
    }

    private func count(ofCore distinguisher: RouteDistinguisher, _ change: Int) {
        let former = ofCore[distinguisher] ?? 0
        let count = former + change
        ofCore[distinguisher] = count > 0 ? count : nil
        if (former > 0) != (count > 0) { changed.insert(distinguisher) }
    }

    /// All routes are about to be counted anew. Whose were refused stays known for as long as the core has the distinguisher.
    func beginRecount() {
        ofCore = [:]
        ofOthers = [:]
        changed.formUnion(refused.keys)
    }

    /// What has changed since this was asked last calls for.
    func takeConsequences() -> Consequences {
        var consequences = Consequences()
        guard !changed.isEmpty else { return consequences }
        for distinguisher in changed {
            if ofCore[distinguisher] != nil {
                if ofOthers[distinguisher] != nil { consequences.isAnyTaken = true }
            } else if let neighbors = refused.removeValue(forKey: distinguisher) {
                consequences.released.formUnion(neighbors)
            }
        }
        changed = []
        return consequences
    }
}

extension RouteDistinguisher {
    /// Whether an AS has given it (RFC 4364 §4.2: types 0 and 2 carry the AS number in two or four octets).
    func isAdministered(by autonomousSystem: UInt32) -> Bool {
        switch rawValue >> 48 {
        case 0: UInt32(rawValue >> 32 & 0xFFFF) == autonomousSystem
        case 2: UInt32(truncatingIfNeeded: rawValue >> 16) == autonomousSystem
        default: false
        }
    }
}
