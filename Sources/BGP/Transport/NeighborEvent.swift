import Addressing

/// What a speaker tells its owner about one neighbor, in the order in which it happened.
public enum NeighborEvent: Hashable, Sendable {
    /// The session is up: routes may be sent. After `down` with graceful restart the routes kept from before are
    /// stale until they are announced again or End-of-RIB comes (RFC 4724 §4.2).
    case established(NegotiatedSession)
    /// Routes announced and withdrawn, after RFC 7606.
    case update(Update)
    /// The peer has sent all it had of this family (RFC 4724 §2).
    case endOfRIB(AddressFamilyIdentifier)
    /// The peer asks for all routes of this family again (RFC 2918).
    case routeRefresh(AddressFamilyIdentifier)
    /// The peer begins (RFC 7313 BoRR) to send all its routes of this family again: those it does not repeat before
    /// `refreshEnded` are gone.
    case refreshBegan(AddressFamilyIdentifier)
    /// The peer has sent all routes of this family again (RFC 7313 EoRR).
    case refreshEnded(AddressFamilyIdentifier)
    /// The peer's routes of this family are unusable from here to the end of the session and none will be reported:
    /// drop those that are held (RFC 7606 §2 "AFI/SAFI disable").
    case familyDisabled(AddressFamilyIdentifier)
    /// An error in an UPDATE that the session survives: for the log.
    case fault(UpdateFault)
    /// An attempt to come up was in vain, for the reason in words: for the log.
    case attemptFailed(String)
    /// The session is down. `gracefulRestart` is what the peer had said of its restarts, if its routes may be kept
    /// for the restart time (RFC 4724 §4.2); `nil` means drop them now.
    case down(SessionDownReason, gracefulRestart: GracefulRestartCapability?)
    /// After `send` had answered `.congested`: there is room again.
    case readyToSend
}
