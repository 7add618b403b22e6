import Addressing
import BGP

/// The box's own addresses on their way to routers of the operator's own network, by labelled unicast: by them PEs' transports
/// lead here, as the next hops of the VRFs' routes.
struct LoopbackAdvertising {
    let context: RoutingContext

    /// What a neighbor is to have for a prefix; `nil` if nothing.
    func announcement(of prefix: IPPrefix, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        let family = SessionFamily(labeledUnicast: prefix.family)
        guard context.inputs.loopbacks.contains(prefix), neighbor.role(in: family) == .transport,
            neighbor.exchanges(family), let settings = neighbor.inputs.families[family]
        else { return nil }
        return TransportRole.announcement(of: prefix, to: neighbor, family, settings)
    }

    /// Notes what the neighbor is to have, or has, and is not as it was told.
    func enqueue(for neighbor: NeighborState) {
        for family in AddressFamily.allCases {
            let sent = neighbor.advertised[SessionFamily(labeledUnicast: family)].routes
            let wanted = context.inputs.loopbacks.filter { $0.family == family }.map(NLRI.labeledUnicast)
            for nlri in Set(sent.keys).union(wanted).sorted() {
                let announcement = announcement(of: nlri.prefix, to: neighbor)
                guard announcement?.attributes != sent[nlri]?.attributes || announcement?.label != sent[nlri]?.label
                else { continue }
                neighbor.advertised.enqueue(nlri, like: announcement?.attributes)
            }
        }
    }
}
