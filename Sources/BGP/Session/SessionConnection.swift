import Addressing

/// One TCP connection of a session, from the moment that our OPEN is sent on it.
struct SessionConnection: Sendable {
    let origin: ConnectionOrigin
    /// OpenSent, OpenConfirm or Established.
    var state: SessionState = .openSent
    /// When the peer must have said something.
    var holdDeadline: Session.Instant?
    var keepaliveDeadline: Session.Instant?
    /// When the peer must have taken something off its connection (RFC 9687).
    var sendHoldDeadline: Session.Instant?
    /// Confirmed by the peer, but the loser of a collision if the other connection comes as far: until when to wait for
    /// that.
    var yieldDeadline: Session.Instant?
    /// From OpenConfirm on.
    var negotiated: NegotiatedSession?
    /// Families that errors made unusable on this connection (RFC 7606 §2).
    var disabledFamilies: [AddressFamilyIdentifier: DisabledFamily] = [:]

    init(origin: ConnectionOrigin) { self.origin = origin }

    var deadlines: [Session.Instant] {
        [holdDeadline, keepaliveDeadline, sendHoldDeadline, yieldDeadline, firstRetry?.retryAt].compactMap { $0 }
    }

    /// The disabled family that is due first to be brought back.
    var firstRetry: DisabledFamily? { disabledFamilies.values.min { $0.retryAt < $1.retryAt } }

    var longestMessageOctets: Int { negotiated?.longestMessageOctets ?? MessageHeader.longestMessageOctets }

    mutating func restartHoldTimer(at now: Session.Instant) {
        guard let negotiated else { return }
        holdDeadline =
            negotiated.holdTimeSeconds == 0 ? nil : now.advanced(by: .seconds(Int(negotiated.holdTimeSeconds)))
    }

    mutating func restartKeepaliveTimer(at now: Session.Instant) {
        guard let negotiated else { return }
        keepaliveDeadline =
            negotiated.keepaliveSeconds == 0 ? nil : now.advanced(by: .seconds(Int(negotiated.keepaliveSeconds)))
    }

    /// What decoding an UPDATE needs: without the families that were disabled.
    var updateContext: UpdateContext? {
        guard var context = negotiated?.updateContext else { return nil }
        context.families.subtract(disabledFamilies.keys)
        return context
    }
}
