import Addressing
import BGP

/// Routes that may have to be sent, each once: however slow the neighbor, no more than there are routes.
///
/// They are held by what they are expected to share, so that routes of one set of attributes leave in as few UPDATEs
/// as they came in, in whatever order they were put in. What a prefix is sent with is decided when it is fetched: a
/// guess that time has overtaken costs a message and nothing else.
struct PendingRoutes {
    /// What routes that can share an UPDATE have in common.
    struct Group: Hashable {
        let family: AddressFamilyIdentifier
        /// In the families that have one.
        let routeDistinguisher: RouteDistinguisher?
        /// Those that the route was learnt or sent with; `nil` for routes of the VRF's own and for withdrawals.
        let attributes: PathAttributes?
    }

    /// The groups in the order in which they came first.
    private var order: [Group] = []
    private var head = 0
    private var groups: [Group: [NLRI]] = [:]
    private var members: Set<NLRI> = []

    var isEmpty: Bool { members.isEmpty }
    var count: Int { members.count }
    /// How many prefixes the first group still has.
    var firstGroupCount: Int { head < order.count ? groups[order[head]]?.count ?? 0 : 0 }

    mutating func insert(_ nlri: NLRI, like attributes: PathAttributes?) {
        guard members.insert(nlri).inserted else { return }
        let group = Group(
            family: nlri.family, routeDistinguisher: nlri.vpnPrefix?.routeDistinguisher, attributes: attributes)
        if groups[group]?.append(nlri) == nil {
            groups[group] = [nlri]
            order.append(group)
        }
    }

    /// Up to `limit` prefixes of the first group.
    mutating func popFirst(_ limit: Int) -> [NLRI] {
        guard head < order.count else { return [] }
        let group = order[head]
        // Taken out and put back, so that shortening it copies nothing.
        var prefixes = groups.removeValue(forKey: group) ?? []
        let taken = Array(prefixes.suffix(limit))
        prefixes.removeLast(taken.count)
        members.subtract(taken)
        if prefixes.isEmpty {
            head += 1
            forgetTaken()
        } else {
            groups[group] = prefixes
        }
        return taken
    }

    private mutating func forgetTaken() {
        if head == order.count {
            // Emptied collections would keep their storage.
            self = PendingRoutes()
        } else if head >= 4096, head * 2 > order.count {
            // Moving at most as many as were taken keeps the cost of a group constant.
            order.removeFirst(head)
            head = 0
        }
    }
}
