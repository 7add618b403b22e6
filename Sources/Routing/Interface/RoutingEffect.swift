import Addressing
import BGP

/// What the owner has to do, in the order given. The order carries the rules of Option E: allocations are on disk
/// before a label is installed, and a label is installed before a route with it leaves.
public enum RoutingEffect: Hashable, Sendable {
    /// Write the allocations (``RoutingTable/labels``) to disk before anything that follows.
    case saveAllocations
    /// Packets with the label, if it is or becomes valid, go there from now on. It comes before ``installLabel(_:)`` for the
    /// labels of relays, and again where one that is valid leads elsewhere: by one store, without a gap (RFC 3031 §3.13).
    case setSwap(LabelBinding, SwapTarget)
    /// The same of a label whose packets go to each of several (``LabelTarget/copies(_:)``).
    case setCopies(LabelBinding, [SwapTarget])
    /// The same of a label of a VRF that is not the whole VRF's: its packets go there without a lookup; `nil`: they are looked
    /// up.
    case setWay(LabelBinding, VRFWay?)
    /// Make the label valid on the NNI, then report ``RoutingEvent/labelsInstalled(_:)``.
    case installLabel(LabelBinding)
    /// Make the label invalid on the NNI, at once or when the withdrawals that have been handed out before are read,
    /// then report ``RoutingEvent/labelsRemoved(_:)``.
    case removeLabel(LabelBinding, LabelRemoval)
    /// Put the prefix into the VRF's FIB, in place of what is there.
    case setRoute(vrf: VRFNumber, prefix: IPPrefix, ForwardingAction)
    /// Take the prefix out of the VRF's FIB.
    case removeRoute(vrf: VRFNumber, prefix: IPPrefix)
    /// The VRF is gone with all its routes.
    case removeAllRoutes(vrf: VRFNumber)
    /// There is something for the neighbor: call ``RoutingTable/nextBatch(for:limit:now:)`` until it is empty.
    case outputReady(neighbor: PeerAddress)
    /// Send withdrawals, of any family.
    case withdraw(neighbor: PeerAddress, [NLRI])
    /// Send routes of one family that share their attributes.
    case advertise(neighbor: PeerAddress, PathAttributes, [AnnouncedRoute])
    /// Send End-of-RIB (RFC 4724 §2).
    case endOfRIB(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// Send the beginning of a refresh (RFC 7313).
    case beginRefresh(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// Send the end of a refresh (RFC 7313).
    case endRefresh(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// Send ROUTE-REFRESH (RFC 2918).
    case requestRefresh(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// End the session with a Cease. Its routes are gone, and nothing it sends counts until it is up again.
    case resetSession(neighbor: PeerAddress, SessionResetReason)
    /// A route names a PE that none named before: report ``RoutingEvent/transportsChanged(_:)``.
    case transportWanted(provider: IPAddress)
    /// The PEs of which routes from the own network say that they take MPLS over UDP are these now.
    case tunnelsOffered(Set<IPAddress>)
    /// The ways that labelled unicast has to the PEs of a prefix are these now, the best first; none any more: an empty list.
    case setWays(prefix: IPPrefix, [LabelledWay])
    /// Something for the log.
    case log(RoutingLogEvent)
    /// The first convergence is over (RFC 4724 §4.1): publish the tables. Comes once, before anything is advertised.
    case converged
}

/// Why routing wants a session ended.
public enum SessionResetReason: Hashable, Sendable {
    /// More routes than `maximum-prefix` allows (RFC 4486 §4, subcode 1): the session is not to come back before.
    case maximumPrefixesReached(AddressFamilyIdentifier, limit: UInt32, HeldDownTime)
    /// The AS, the NNI or our address there are others now (RFC 4486 §4, subcode 6).
    case configurationChanged
}
