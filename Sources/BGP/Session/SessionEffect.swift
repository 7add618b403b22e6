/// What the owner of a session has to do, or to know.
public enum SessionEffect: Hashable, Sendable {
    /// Open a TCP connection to the neighbor and report `.connected` or `.connectFailed`.
    case connect
    /// Give up the attempt to connect; nothing is to be reported of it.
    case abandonConnect
    /// Write one message.
    case send(ConnectionIdentifier, [UInt8])
    /// Close TCP once what was sent is out; nothing is to be reported of it.
    case close(ConnectionIdentifier)
    case established(NegotiatedSession)
    case update(Update)
    case endOfRIB(AddressFamilyIdentifier)
    case routeRefresh(RouteRefreshMessage)
    /// An error in an UPDATE that the session survives, for the log.
    case fault(UpdateFault)
    /// See ``NeighborEvent/familyDisabled(_:)``.
    case familyDisabled(AddressFamilyIdentifier)
    /// See ``NeighborEvent/attemptFailed(_:)``.
    case attemptFailed(String)
    /// See ``NeighborEvent/down(_:gracefulRestart:)``.
    case down(SessionDownReason, gracefulRestart: GracefulRestartCapability?)
}
