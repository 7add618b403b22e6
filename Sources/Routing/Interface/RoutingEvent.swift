import Addressing
import BGP

/// What happens to the routing table. Families that no neighbor has a part in have no effect, and events of a
/// neighbor that is not among the inputs or whose session is down are passed over.
public enum RoutingEvent: Hashable, Sendable {
    /// The inputs as they are from now on.
    case configure(RoutingInputs)
    /// A session came up.
    case established(neighbor: PeerAddress, SessionParameters)
    /// A session went down. Routes of the families in `gracefulRestart` are kept for its restart time
    /// (RFC 4724 §4.2), all others are withdrawn. `isForgotten`: the neighbor has dropped our routes with the session,
    /// whatever restart time we had announced, so that it has no use for our labels any more.
    case down(neighbor: PeerAddress, gracefulRestart: GracefulRestartCapability?, isForgotten: Bool = false)
    case update(neighbor: PeerAddress, Update)
    case endOfRIB(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// The neighbor wants all our routes again (RFC 2918).
    case routeRefresh(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// The neighbor begins to send all its routes again (RFC 7313).
    case refreshBegan(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// The neighbor has sent all its routes again: what it did not repeat is gone.
    case refreshEnded(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// How the next hop of the neighbor's routes is from now on. It counts as resolved until something else is said.
    case nextHopChanged(neighbor: PeerAddress, NextHopState)
    /// Whether transports lead to PEs from now on. None does until something else is said, but for the first convergence: until
    /// it is over one may, so that a route is not missed in the tables that it ends with.
    case transportsChanged([IPAddress: NextHopState])
    /// Whether the far end of an Option AB neighbor on a circuit answers. It counts as answering until something else is said.
    case circuitGatewayChanged(vrf: VRFNumber, CircuitGateway, isSilent: Bool)
    /// The PEs to which other sources than labelled unicast know a way, up or not, are these from now on: the configuration, and a
    /// routing engine.
    case providersKnown(bound: Set<IPAddress>, learnt: Set<IPAddress>)
    /// An operator ordered that nothing be kept over a restart of the neighbor any longer; also while it is away.
    case staleRoutesFlushed(neighbor: PeerAddress)
    /// The family's routes are unusable until the session ends (RFC 7606 §2).
    case familyDisabled(neighbor: PeerAddress, AddressFamilyIdentifier)
    /// The owner has carried out ``RoutingEffect/installLabel(_:)``: workers accept the labels.
    case labelsInstalled([LabelBinding])
    /// The tables cannot take a label that is to be installed; the owner tries again until they do.
    case labelRefused(LabelBinding)
    /// The owner has carried out ``RoutingEffect/removeLabel(_:_:)``.
    case labelsRemoved([LabelBinding])
    /// Nothing happened but time: due at ``RoutingTable/nextDeadline``.
    case timePassed
}
