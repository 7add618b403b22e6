import Addressing
import BGP

/// What an operator should hear of; repetitions are bounded.
public enum RoutingLogEvent: Hashable, Sendable {
    /// Routes count as withdrawn. At most one a minute for each neighbor and reason: `count` is how many there were
    /// since the last, `example` one of them.
    case routesRejected(neighbor: PeerAddress, RouteRejection, count: UInt64, example: NLRI)
    /// The routes of a PE by a tunnel agree again about where their labels are from. At most one a minute: `count` is of how many tunnels that
    /// is so since the last.
    case tunnelConsistent(provider: IPAddress, tree: PMSITunnel.Tree, count: UInt64)
    /// The neighbor's routes have come to the warning threshold of `maximum-prefix`, or are more than the maximum and only
    /// reported. At most one of either a minute.
    case prefixLimitNear(neighbor: PeerAddress, AddressFamilyIdentifier, count: Int, limit: UInt32)
    /// The VRF has reached its `maximum routes`: imported routes are refused. Once until all fit again.
    case maximumRoutesReached(vrf: String, limit: UInt32)
    /// The VRF's routes have come to the warning threshold of its `maximum routes`. At most once a minute.
    case maximumRoutesNear(vrf: String, count: Int)
    /// All routes of the VRF fit again.
    case maximumRoutesCleared(vrf: String)
    /// No label is free for the VRF: nothing of it is advertised to the neighbor until one is.
    case labelsExhausted(vrf: String, neighbor: PeerAddress)
    /// The VRF's routes have all labels that they may: those that need one are not advertised to the neighbor. Once until
    /// all have one.
    case maximumLabelsReached(vrf: String, neighbor: PeerAddress, limit: Int)
    /// No label is free for routes that are relayed to the neighbor: those that need one are not advertised until one is.
    case relayLabelsExhausted(neighbor: PeerAddress)
    /// The common label of a VRF may not be said to a neighbor yet: it, or who was in its place, has had it for something else. In
    /// quarantine until then; `nil`: it is in use still, and will be in quarantine. `hasOther`: it is told another label meanwhile.
    case commonLabelWaits(vrf: String, neighbor: PeerAddress, CommonLabel, until: Instant?, hasOther: Bool)
    /// VRFs have labels of label spaces, and the neighbor takes no route with two labels: it is told drawn ones.
    case stackNotTaken(neighbor: PeerAddress)
    /// The neighbor cannot be asked for the routes that were not kept: its session has to be cleared by hand.
    case refreshNotPossible(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// The VRF exports nothing, because `sharedWith` has the same route distinguisher.
    case routeDistinguisherShared(vrf: String, sharedWith: String)
    /// The neighbor's routes are kept over its restart.
    case staleRoutesKept(neighbor: PeerAddress, AddressFamilyIdentifier, count: Int)
    /// An internal neighbor has not said within the time for it that it has named all targets whose routes it wants: it gets
    /// those of the targets that it has named.
    case membershipOverdue(neighbor: PeerAddress)
    /// Routes that were kept over a restart and not announced again are gone.
    case staleRoutesRemoved(neighbor: PeerAddress, AddressFamilyIdentifier, count: Int)
}
