import Addressing
import BGP

extension RoutingEvent {
    /// What a BGP speaker reports of `neighbor`; `nil` for what routing has no part in.
    public init?(_ event: NeighborEvent, of neighbor: PeerAddress) {
        switch event {
        case .established(let session): self = .established(neighbor: neighbor, SessionParameters(session))
        case .update(let update): self = .update(neighbor: neighbor, update)
        case .endOfRIB(let family): self = .endOfRIB(neighbor: neighbor, family)
        case .routeRefresh(let family): self = .routeRefresh(neighbor: neighbor, family)
        case .refreshBegan(let family): self = .refreshBegan(neighbor: neighbor, family)
        case .refreshEnded(let family): self = .refreshEnded(neighbor: neighbor, family)
        case .familyDisabled(let family): self = .familyDisabled(neighbor: neighbor, family)
        case .down(let reason, let gracefulRestart):
            self = .down(
                neighbor: neighbor, gracefulRestart: gracefulRestart,
                isForgotten: gracefulRestart == nil && reason.makesPeerForget)
        case .fault, .attemptFailed, .readyToSend: return nil
        }
    }
}

extension SessionDownReason {
    /// Whether a session whose routes are not kept over its end is over for the peer, too: it has said so (RFC 4724 §4,
    /// RFC 8538 §4), or was ordered to. That a time was over, or a message damaged, it may not have read.
    fileprivate var makesPeerForget: Bool {
        switch self {
        case .notificationReceived: true
        case .notificationSent(let message): message.ceaseSubcode == .hardReset || message.endsForwarding
        case .connectionLost, .replacedByNewConnection, .interfaceDown, .neighborRemoved: false
        }
    }
}

extension SessionParameters {
    /// The part of `session` that routing needs.
    public init(_ session: NegotiatedSession) {
        self.init(
            peerIdentifier: session.peerIdentifier, families: Set(session.families.compactMap(SessionFamily.init)),
            routeRefresh: session.routeRefresh, enhancedRouteRefresh: session.enhancedRouteRefresh,
            extendedNextHops: session.extendedNextHops.contains(.ipv4Unicast),
            multipleLabels: Set(session.multipleLabels.compactMap(SessionFamily.init)),
            gracefulRestart: session.peerGracefulRestart)
    }
}
