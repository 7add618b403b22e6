import Addressing

/// The OPEN exchange and collisions.
extension Session {
    /// How long two connections that the sides open at the same moment may take to meet: a lost SYN is repeated after
    /// one second and after two more (RFC 6298 §2.1).
    static let collisionTime = Duration.seconds(5)

    /// Our OPEN.
    func openMessage() -> OpenMessage {
        var capabilities: [Capability] = configuration.families.map(Capability.multiprotocol)
        let extendedNextHops = configuration.extendedNextHops
        if !extendedNextHops.isEmpty { capabilities.append(.extendedNextHop(extendedNextHops)) }
        let multipleLabels = configuration.multipleLabels
        if !multipleLabels.isEmpty { capabilities.append(.multipleLabels(multipleLabels)) }
        capabilities.append(.routeRefresh)
        if configuration.extendedMessages { capabilities.append(.extendedMessage) }
        if let seconds = configuration.gracefulRestartSeconds {
            // What is forwarded by outlives sessions, and the process where the owner says so; not the first start.
            let preserved = isRestarting || counters.establishedTransitions > 0
            let families = configuration.families.map { ($0, preserved) }
            let restart = GracefulRestartCapability(
                restarted: isRestarting, keepsRoutesOverNotifications: true, restartTimeSeconds: seconds,
                forwardingPreserved: Dictionary(families) { first, _ in first })
            capabilities.append(.gracefulRestart(restart))
        }
        capabilities += [.fourOctetAutonomousSystem(configuration.localAutonomousSystem), .enhancedRouteRefresh]
        return OpenMessage(
            autonomousSystem: configuration.localAutonomousSystem, holdTimeSeconds: configuration.holdTimeSeconds,
            identifier: localIdentifier, capabilities: capabilities)
    }

    /// RFC 4271 §8.2.2, OpenSent, event 19.
    mutating func receivedOpen(_ open: OpenMessage, on identifier: ConnectionIdentifier, at now: Instant) {
        if let (notification, detail) = objection(to: open) {
            return fail(identifier, notification, because: detail, at: now)
        }
        guard resolveCollision(of: identifier, with: open, at: now) else { return }
        let negotiated = negotiate(open)
        connections[identifier]?.negotiated = negotiated
        connections[identifier]?.state = .openConfirm
        connections[identifier]?.restartHoldTimer(at: now)
        send(KeepaliveMessage.encoded, .keepalive, on: identifier)
        connections[identifier]?.restartKeepaliveTimer(at: now)
    }

    /// Why the speaker of this OPEN is not the neighbor that is configured (RFC 4271 §6.2), for it and for our operator.
    private func objection(to open: OpenMessage) -> (NotificationMessage, detail: String)? {
        guard open.autonomousSystem == configuration.remoteAutonomousSystem, open.autonomousSystem != 0 else {
            let wanted = configuration.remoteAutonomousSystem
            return (
                NotificationMessage(.openMessageError, 2),
                "the neighbor is in AS \(open.autonomousSystem), AS \(wanted) is configured"
            )
        }
        // RFC 6286 §2.2: identifiers are unique within an AS only.
        guard configuration.isExternal || open.identifier != localIdentifier else {
            return (NotificationMessage(.openMessageError, 3), "the neighbor has our own identifier \(localIdentifier)")
        }
        // RFC 4271 §6.2: what is proposed may be refused. 0 would mean that silence never ends the session.
        guard open.holdTimeSeconds >= configuration.minimumHoldTimeSeconds else {
            return (
                NotificationMessage(.openMessageError, 6),
                "the neighbor offers a hold time of \(open.holdTimeSeconds) s, at least "
                    + "\(configuration.minimumHoldTimeSeconds) s is demanded"
            )
        }
        guard !open.families.isDisjoint(with: configuration.families) else {
            let wanted = configuration.families.flatMap { Capability.multiprotocol($0).encoded }
            return (
                NotificationMessage(.openMessageError, 7, data: wanted),
                "the neighbor offers none of \(configuration.families.map(\.description).joined(separator: ", "))"
            )
        }
        return nil
    }

    private func negotiate(_ open: OpenMessage) -> NegotiatedSession {
        let holdTime = min(configuration.holdTimeSeconds, open.holdTimeSeconds)
        let third = holdTime == 0 ? 0 : max(1, holdTime / 3)
        let keepalive = configuration.keepaliveSeconds == 0 ? third : min(configuration.keepaliveSeconds, third)
        let families = open.families.intersection(configuration.families)
        let extended = configuration.extendedMessages && open.capabilities.contains(.extendedMessage)
        return NegotiatedSession(
            peerAutonomousSystem: open.autonomousSystem, peerIdentifier: open.identifier,
            isExternal: configuration.isExternal,
            families: families,
            extendedNextHops: families.intersection(configuration.extendedNextHops).intersection(open.extendedNextHops),
            multipleLabels: families.intersection(configuration.multipleLabels.map(\.family)).intersection(
                open.multipleLabels),
            holdTimeSeconds: holdTime,
            keepaliveSeconds: keepalive, fourOctetAutonomousSystems: open.fourOctetAutonomousSystem != nil,
            routeRefresh: open.capabilities.contains(.routeRefresh),
            enhancedRouteRefresh: open.capabilities.contains(.enhancedRouteRefresh),
            longestMessageOctets: extended
                ? MessageHeader.longestExtendedMessageOctets : MessageHeader.longestMessageOctets,
            peerGracefulRestart: configuration.gracefulRestartSeconds == nil ? nil : open.gracefulRestart)
    }

    /// RFC 4271 §6.8 and RFC 4724 §4.2, when an OPEN has come on one connection while there is another.
    ///
    /// - Returns: whether the connection `identifier` is kept.
    private mutating func resolveCollision(
        of identifier: ConnectionIdentifier, with open: OpenMessage, at now: Instant
    ) -> Bool {
        guard let new = connections[identifier], let (other, old) = connections.first(where: { $0.key != identifier })
        else { return true }
        switch old.state {
        case .established:
            counters.collisions += 1
            // A peer with graceful restart that connects anew has restarted: its old connection is dead.
            if old.peerGracefulRestart != nil {
                close(other, .replacedByNewConnection, at: now)
                return true
            }
            close(identifier, .notificationSent(.cease(.connectionCollisionResolution)), at: now)
            return false
        case .openConfirm:
            counters.collisions += 1
            let keepsNew = new.origin == old.origin || (new.origin == .local) == isLocalHigher(than: negotiate(open))
            close(
                keepsNew ? other : identifier, .notificationSent(.cease(.connectionCollisionResolution)), at: now)
            return keepsNew
        case .idle, .connect, .active, .openSent:
            // Its OPEN is still to come, and then is the time to choose.
            return true
        }
    }

    /// The side with the higher identifier keeps the connection that it opened; the AS number decides between equals
    /// (RFC 6286 §2.3).
    private func isLocalHigher(than peer: NegotiatedSession) -> Bool {
        (localIdentifier.rawValue, configuration.localAutonomousSystem)
            > (peer.peerIdentifier.rawValue, peer.peerAutonomousSystem)
    }

    /// RFC 4271 §8.2.2, OpenConfirm, event 26, unless the other connection is the one that both sides would choose.
    ///
    /// A side that became Established on the loser could have the peer close it for the winner a moment later. The
    /// winner's OPEN is under way, as is the NOTIFICATION if the peer has closed it.
    mutating func confirmed(_ identifier: ConnectionIdentifier, at now: Instant) {
        guard let connection = connections[identifier], let negotiated = connection.negotiated else { return }
        let other = connections.first { $0.key != identifier }?.value
        let isWinner = (connection.origin == .local) == isLocalHigher(than: negotiated)
        guard let other, other.origin != connection.origin, !isWinner else {
            return becomeEstablished(identifier, at: now)
        }
        if connection.yieldDeadline == nil {
            connections[identifier]?.yieldDeadline = now.advanced(by: Self.collisionTime)
        }
    }

    /// A connection that has waited for the winner of a collision in vain becomes the session's.
    mutating func establishWhatIsLeft(at now: Instant) {
        for (identifier, connection) in connections where connection.state == .openConfirm {
            guard let deadline = connection.yieldDeadline, deadline <= now || connections.count == 1 else { continue }
            return becomeEstablished(identifier, at: now)
        }
    }

    /// Whether a connection that opens now may have been on its way when the present one became Established. Only
    /// later ones tell that the peer has restarted (RFC 4724 §4.2).
    func isCollisionOfEstablishing(at now: Instant) -> Bool {
        guard established != nil, let establishedSince else { return false }
        return establishedSince.duration(to: now) < Self.collisionTime
    }

    mutating func becomeEstablished(_ identifier: ConnectionIdentifier, at now: Instant) {
        guard let negotiated = connections[identifier]?.negotiated else { return }
        for other in connections.keys where other != identifier {
            close(other, .notificationSent(.cease(.connectionCollisionResolution)), at: now)
        }
        if isConnecting { effects.append(.abandonConnect) }
        isConnecting = false
        connectRetryDeadline = nil
        connections[identifier]?.state = .established
        connections[identifier]?.yieldDeadline = nil
        establishedSince = now
        counters.establishedTransitions += 1
        effects.append(.established(negotiated))
    }
}
