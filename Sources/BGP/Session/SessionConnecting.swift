import Addressing

/// Coming up, going down, and the timers.
extension Session {
    /// RFC 4271 §8.2.2 suggests four minutes to wait for an OPEN.
    static let openHoldTime = Duration.seconds(240)
    /// RFC 9687 §5: eight minutes, or twice the hold time if that is longer.
    static let shortestSendHoldSeconds = 480

    mutating func start(at now: Instant) {
        guard isStopped else { return }
        isStopped = false
        holdDown = nil
        idleHoldSeconds = 1
        connect(at: now)
    }

    /// Connects, or waits: when passive for the neighbor to connect, without a link for that.
    private mutating func connect(at now: Instant) {
        idleHoldDeadline = nil
        guard !configuration.passive, isLinkUp else {
            connectRetryDeadline = nil
            return
        }
        if isConnecting {
            effects.append(.abandonConnect)
            attemptFailed("connection failed: no answer", at: now)
        }
        isConnecting = true
        effects.append(.connect)
        restartConnectRetryTimer(at: now)
    }

    private mutating func restartConnectRetryTimer(at now: Instant) {
        guard !configuration.passive else { return }
        let seconds = max(1, Int(configuration.connectRetrySeconds))
        connectRetryDeadline = now.advanced(by: random.jittered(seconds: seconds))
    }

    mutating func stop(_ notification: NotificationMessage, at now: Instant) {
        closeAll(notification, isHard: notification.endsForwarding, at: now)
        isStopped = true
        holdDown = nil
        idleHoldDeadline = nil
    }

    mutating func reset(_ notification: NotificationMessage, at now: Instant) {
        guard !isStopped else { return }
        closeAll(notification, isHard: notification.endsForwarding, at: now)
        guard notification.ceaseSubcode == .administrativeReset else {
            if holdDown == nil { holdOff(at: now) }
            return
        }
        // Whoever resets a session by hand has mended something, and the pause would be for nothing.
        holdDown = nil
        idleHoldSeconds = 1
        connect(at: now)
    }

    mutating func holdDown(_ notification: NotificationMessage, until: Instant?, at now: Instant) {
        guard !isStopped else { return }
        closeAll(notification, isHard: notification.endsForwarding, at: now)
        idleHoldDeadline = nil
        holdDown = HoldDown(reason: notification, since: now, until: until)
    }

    /// The neighbor is told what was wrong with the routes, and the session is made anew at once.
    private mutating func bringBackFamilies(by notification: NotificationMessage, at now: Instant) {
        closeAll(notification, isHard: false, at: now)
        connect(at: now)
    }

    /// Without a link nothing reaches the neighbor, and no NOTIFICATION is tried: a link that comes back would deliver
    /// it late. Its return is no reason to pause.
    mutating func setLink(isUp: Bool, at now: Instant) {
        guard isUp != isLinkUp else { return }
        isLinkUp = isUp
        idleHoldSeconds = 1
        idleHoldDeadline = nil
        guard !isUp else {
            if !isStopped, holdDown == nil { connect(at: now) }
            return
        }
        abandonConnect()
        for identifier in connections.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            close(identifier, .interfaceDown, at: now)
        }
        if !isStopped { lastError = SessionError(reason: SessionDownReason.interfaceDown.description, instant: now) }
    }

    private mutating func abandonConnect() {
        if isConnecting { effects.append(.abandonConnect) }
        isConnecting = false
        connectRetryDeadline = nil
    }

    /// - Parameter isHard: whether neither side is to keep the routes (RFC 8538 §4).
    private mutating func closeAll(_ notification: NotificationMessage, isHard: Bool, at now: Instant) {
        abandonConnect()
        for identifier in connections.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            let isNegotiated = connections[identifier]?.negotiated?.keepsRoutesOverNotifications == true
            close(
                identifier, .notificationSent(isHard && isNegotiated ? notification.asHardReset : notification), at: now
            )
        }
    }

    mutating func connected(_ identifier: ConnectionIdentifier, _ origin: ConnectionOrigin, at now: Instant) {
        if origin == .local { isConnecting = false }
        // RFC 4271 §8.2.2, Idle: connections are refused.
        guard !isStopped, holdDown == nil, isLinkUp, idleHoldDeadline == nil else {
            return refuse(identifier, .cease(.connectionRejected))
        }
        // The peer has given up a connection of its own on which it never spoke, and tries anew.
        for (older, connection) in connections where connection.origin == origin && connection.state == .openSent {
            refuse(older, .cease(.connectionCollisionResolution))
            connections[older] = nil
        }
        guard connections.count < 2 else { return refuse(identifier, .cease(.connectionRejected)) }
        if isCollisionOfEstablishing(at: now) { return refuseLateCollision(identifier) }
        connectRetryDeadline = nil
        var connection = SessionConnection(origin: origin)
        connection.holdDeadline = now.advanced(by: Self.openHoldTime)
        connections[identifier] = connection
        send(openMessage().encoded, .open, on: identifier)
    }

    /// Closes a connection that is not, or no longer, one of the session's.
    private mutating func refuse(_ identifier: ConnectionIdentifier, _ notification: NotificationMessage) {
        send(notification.encoded, .notification, on: identifier)
        effects.append(.close(identifier))
    }

    /// Without our OPEN, so that the peer, which may not be Established yet, has nothing to choose from. If it has
    /// restarted after all, our KEEPALIVE makes its TCP reset the connection that it has forgotten.
    private mutating func refuseLateCollision(_ identifier: ConnectionIdentifier) {
        counters.collisions += 1
        refuse(identifier, .cease(.connectionCollisionResolution))
        if let established { send(KeepaliveMessage.encoded, .keepalive, on: established.identifier) }
    }

    mutating func connectFailed(_ reason: String, at now: Instant) {
        guard isConnecting else { return }
        isConnecting = false
        attemptFailed("connection failed: \(reason)", at: now)
    }

    mutating func closed(_ identifier: ConnectionIdentifier, at now: Instant) {
        guard connections[identifier] != nil else { return }
        drop(identifier, .connectionLost, at: now)
        guard connections.isEmpty else { return }
        // No error was signalled, so no long pause: a peer that restarts is to be found soon.
        if connectRetryDeadline == nil, !configuration.passive, !isConnecting {
            connectRetryDeadline = now.advanced(by: random.jittered(seconds: 1))
        }
    }

    /// Closes one connection for an error: with a NOTIFICATION, and with a pause when it was the last.
    mutating func fail(
        _ identifier: ConnectionIdentifier, _ notification: NotificationMessage, because detail: String? = nil,
        at now: Instant
    ) {
        guard connections[identifier] != nil else { return }
        close(identifier, .notificationSent(notification), because: detail, at: now)
        holdOffIfAlone(at: now)
    }

    mutating func holdOffIfAlone(at now: Instant) {
        if connections.isEmpty { holdOff(at: now) }
    }

    /// The peer is holding off: it is let in when it is done with that. Two sides that both hold off would otherwise
    /// refuse each other in turn for ever.
    mutating func waitForPeer(at now: Instant) {
        guard connections.isEmpty, !isStopped, !isConnecting, !configuration.passive else { return }
        connectRetryDeadline = now.advanced(by: random.jittered(seconds: idleHoldSeconds))
        lengthenPause()
    }

    private mutating func lengthenPause() {
        idleHoldSeconds = min(idleHoldSeconds * 2, max(1, Int(configuration.longestIdleHoldSeconds)))
    }

    /// The pause doubles from one failure to the next (RFC 4271 §8.1.1 DampPeerOscillations).
    private mutating func holdOff(at now: Instant) {
        abandonConnect()
        idleHoldDeadline = now.advanced(by: random.jittered(seconds: idleHoldSeconds))
        lengthenPause()
    }

    /// Says goodbye on a connection if the reason has a NOTIFICATION, and closes it.
    mutating func close(
        _ identifier: ConnectionIdentifier, _ reason: SessionDownReason, because detail: String? = nil, at now: Instant
    ) {
        if case .notificationSent(let notification) = reason {
            send(notification.encoded, .notification, on: identifier)
        }
        effects.append(.close(identifier))
        drop(identifier, reason, because: detail, at: now)
    }

    private mutating func drop(
        _ identifier: ConnectionIdentifier, _ reason: SessionDownReason, because detail: String? = nil, at now: Instant
    ) {
        guard let connection = connections.removeValue(forKey: identifier) else { return }
        // The loser of a collision is no error of the session.
        guard connection.state == .established else {
            if connections.isEmpty, let failure = failure(reason, in: connection.state) {
                attemptFailed(detail.map { "\(failure): \($0)" } ?? failure, at: now)
            }
            return
        }
        lastError = SessionError(reason: reason.description, instant: now)
        // A session that lasted was no oscillation.
        if let since = establishedSince, since.duration(to: now) >= .seconds(Int(configuration.longestIdleHoldSeconds))
        {
            idleHoldSeconds = 1
            if connection.disabledFamilies.isEmpty { familyRetrySeconds = DisabledFamily.shortestRetrySeconds }
        }
        establishedSince = nil
        let isNotified = connection.negotiated?.keepsRoutesOverNotifications == true
        effects.append(
            .down(
                reason,
                gracefulRestart: reason.keepsRoutes(overNotifications: isNotified)
                    ? connection.peerGracefulRestart : nil))
    }

    mutating func writabilityChanged(_ identifier: ConnectionIdentifier, _ writable: Bool, at now: Instant) {
        guard let holdTime = connections[identifier]?.negotiated?.holdTimeSeconds, holdTime > 0 else { return }
        let seconds = max(Self.shortestSendHoldSeconds, 2 * Int(holdTime))
        connections[identifier]?.sendHoldDeadline = writable ? nil : now.advanced(by: .seconds(seconds))
    }

    mutating func timersExpired(at now: Instant) {
        if let until = holdDown?.until, until <= now {
            holdDown = nil
            idleHoldSeconds = 1
            connect(at: now)
        }
        if let deadline = idleHoldDeadline, deadline <= now { connect(at: now) }
        if let deadline = connectRetryDeadline, deadline <= now { connect(at: now) }
        for identifier in connections.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let connection = connections[identifier] else { continue }
            if let deadline = connection.holdDeadline, deadline <= now {
                fail(identifier, .holdTimerExpired, at: now)
            } else if let deadline = connection.sendHoldDeadline, deadline <= now {
                fail(identifier, .sendHoldTimerExpired, at: now)
            } else if let family = connection.firstRetry, family.retryAt <= now {
                bringBackFamilies(by: family.fault.notification, at: now)
            } else if let deadline = connection.keepaliveDeadline, deadline <= now {
                send(KeepaliveMessage.encoded, .keepalive, on: identifier)
                connections[identifier]?.restartKeepaliveTimer(at: now)
            }
        }
    }

    /// Puts another configuration in the place of the present one. What both OPEN messages or TCP depend on ends the
    /// session with a Cease and brings it back; timers of our own change quietly.
    public mutating func reconfigure(_ new: NeighborConfiguration, at now: Instant) -> [SessionEffect] {
        let old = configuration
        configuration = new
        if new.shutdown {
            if !old.shutdown { stop(.cease(.administrativeShutdown, communication: new.shutdownReason), at: now) }
        } else if old.shutdown {
            start(at: now)
        } else if !old.isSameSession(as: new) || isHoldTimeTooShort {
            reopen(at: now)
        }
        return takeEffects(at: now)
    }

    /// Changes our BGP identifier, which both sides know from our OPEN.
    public mutating func setLocalIdentifier(_ identifier: IPv4Address, at now: Instant) -> [SessionEffect] {
        guard identifier != localIdentifier else { return [] }
        localIdentifier = identifier
        reopen(at: now)
        return takeEffects(at: now)
    }

    private var isHoldTimeTooShort: Bool {
        connections.values.compactMap(\.negotiated).contains {
            $0.holdTimeSeconds < configuration.minimumHoldTimeSeconds
        }
    }

    /// The routes stay meanwhile if the peer can do that: what they are worth has not changed.
    private mutating func reopen(at now: Instant) {
        guard !isStopped, holdDown == nil else { return }
        closeAll(.cease(.otherConfigurationChange), isHard: false, at: now)
        idleHoldDeadline = nil
        connect(at: now)
    }
}

extension SessionDownReason {
    /// RFC 4724 §4.2: when TCP went away without a NOTIFICATION, or was replaced. RFC 8538 §4: where both sides have said
    /// so, after any NOTIFICATION but a hard reset as well. What was learnt over a link that is lost leads nowhere.
    func keepsRoutes(overNotifications isNegotiated: Bool) -> Bool {
        switch self {
        case .connectionLost, .replacedByNewConnection: true
        case .notificationSent(let message), .notificationReceived(let message):
            isNegotiated && message.ceaseSubcode != .hardReset
        case .interfaceDown, .neighborRemoved: false
        }
    }
}

extension SessionConnection {
    var peerGracefulRestart: GracefulRestartCapability? { negotiated?.peerGracefulRestart }
}

extension NeighborConfiguration {
    /// Whether a session of this configuration may go on under `other`.
    package func isSameSession(as other: NeighborConfiguration) -> Bool {
        var mine = self
        mine.keepaliveSeconds = other.keepaliveSeconds
        mine.connectRetrySeconds = other.connectRetrySeconds
        mine.longestIdleHoldSeconds = other.longestIdleHoldSeconds
        mine.shutdownReason = other.shutdownReason
        mine.minimumHoldTimeSeconds = other.minimumHoldTimeSeconds
        return mine == other
    }
}
