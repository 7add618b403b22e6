import Addressing
import BGP
import Testing

/// RFC 4271 §6.8: we are 192.0.2.1.
@Suite struct SessionCollisionTests {
    static let higher = IPv4Address(192, 0, 2, 2)
    static let lower = IPv4Address(192, 0, 2, 0)

    /// Both connections come to OpenConfirm, in either order; the side with the higher identifier has its way.
    @Test(arguments: [higher, lower], [true, false])
    func theHigherIdentifierKeepsItsConnection(identifier: IPv4Address, localFirst: Bool) {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let local = probe.connect(.local)
        let remote = probe.connect(.remote)
        let open = SessionProbe.peerOpen(identifier: identifier).encoded
        _ = probe.handle(.received(localFirst ? local : remote, open))
        let effects = probe.handle(.received(localFirst ? remote : local, open))
        let loser = identifier == Self.higher ? local : remote
        let winner = identifier == Self.higher ? remote : local
        #expect(effects.closed == [loser])
        #expect(effects.notifications == [.cease(.connectionCollisionResolution)])
        #expect(probe.session.counters.collisions == 1)
        #expect(probe.session.lastError == nil)
        _ = probe.handle(.received(winner, KeepaliveMessage.encoded))
        #expect(probe.session.state == .established)
    }

    @Test func equalIdentifiersAreDecidedByTheAS() {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let local = probe.connect(.local)
        let remote = probe.connect(.remote)
        let open = SessionProbe.peerOpen(identifier: IPv4Address(192, 0, 2, 1)).encoded
        _ = probe.handle(.received(local, open))
        #expect(probe.handle(.received(remote, open)).closed == [local])
    }

    @Test func anEstablishedSessionStands() {
        var (probe, established) = SessionProbe.established()
        probe.passTime(seconds: 10)
        let second = probe.connect(.remote)
        let effects = probe.handle(.received(second, SessionProbe.peerOpen().encoded))
        #expect(effects.closed == [second])
        #expect(effects.notifications == [.cease(.connectionCollisionResolution)])
        #expect(probe.session.state == .established)
        #expect(!probe.handle(.closed(established)).isEmpty)
    }

    @Test func establishingClosesTheOtherConnection() {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let local = probe.connect(.local)
        let remote = probe.connect(.remote)
        _ = probe.handle(.received(local, SessionProbe.peerOpen(identifier: Self.lower).encoded))
        let effects = probe.handle(.received(local, KeepaliveMessage.encoded))
        #expect(effects.closed == [remote])
        #expect(probe.session.state == .established)
    }

    /// The peer's connection has not come as far and would win: ours waits for it, and is the session when it goes.
    @Test func theLoserWaitsForTheWinner() {
        var (probe, local, remote) = yielding()
        #expect(probe.session.state == .openConfirm)
        let effects = probe.handle(.closed(remote))
        #expect(effects.closed.isEmpty)
        #expect(probe.session.state == .established)
        #expect(probe.isEstablished(on: local))
    }

    @Test func theLoserDoesNotWaitForLong() throws {
        var (probe, local, remote) = yielding()
        let effects = try probe.runToNextDeadline()
        #expect(effects.closed == [remote])
        #expect(probe.isEstablished(on: local))
    }

    /// Only an Established peer sends routes.
    @Test func routesOnTheLoserDecideForIt() {
        var (probe, local, remote) = yielding()
        let endOfRIB: [UInt8] = Array(repeating: 0xFF, count: 16) + [0, 23, 2, 0, 0, 0, 0]
        let effects = probe.handle(.received(local, endOfRIB))
        #expect(effects.closed == [remote])
        #expect(probe.isEstablished(on: local))
    }

    private func yielding() -> (SessionProbe, local: ConnectionIdentifier, remote: ConnectionIdentifier) {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let local = probe.connect(.local)
        let remote = probe.connect(.remote)
        _ = probe.handle(.received(local, SessionProbe.peerOpen(identifier: Self.higher).encoded))
        _ = probe.handle(.received(local, KeepaliveMessage.encoded))
        return (probe, local, remote)
    }

    /// It was on its way when the session came up: refused without our OPEN, with a question to the peer's TCP.
    @Test func aConnectionThatComesLateIsACollision() {
        var (probe, established) = SessionProbe.established(open: SessionGracefulRestartTests.open) {
            $0.gracefulRestartSeconds = 120
        }
        let late = ConnectionIdentifier(rawValue: 9)
        let effects = probe.handle(.connected(late, .remote))
        #expect(effects.closed == [late])
        #expect(effects.notifications == [.cease(.connectionCollisionResolution)])
        #expect(effects.sentTypes == [.notification, .keepalive])
        #expect(probe.isEstablished(on: established))
    }

    @Test func aPeerThatConnectsAgainReplacesItsOwnAttempt() {
        var probe = SessionProbe { $0.passive = true }
        _ = probe.handle(.start)
        let first = probe.connect(.remote)
        let effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 9), .remote))
        #expect(effects.closed == [first])
        #expect(effects.sentTypes == [.notification, .open])
    }

    @Test func aThirdConnectionIsRefused() {
        var (probe, _) = SessionProbe.established()
        probe.passTime(seconds: 10)
        _ = probe.connect(.remote)
        let identifier = ConnectionIdentifier(rawValue: 9)
        #expect(probe.handle(.connected(identifier, .local)).closed == [identifier])
    }
}

/// RFC 4724.
@Suite struct SessionGracefulRestartTests {
    static let open = SessionProbe.peerOpen(capabilities: [
        .fourOctetAutonomousSystem(65001), .gracefulRestart(SessionProbe.gracefulRestart),
    ])

    @Test func aLostConnectionKeepsTheRoutes() throws {
        var (probe, connection) = SessionProbe.established(open: Self.open) { $0.gracefulRestartSeconds = 120 }
        let effects = probe.handle(.closed(connection))
        #expect(effects == [.down(.connectionLost, gracefulRestart: SessionProbe.gracefulRestart)])
        #expect(probe.session.state == .active)
        let begin = probe.now
        #expect(try probe.runToNextDeadline() == [.connect])
        #expect(begin.duration(to: probe.now) <= .seconds(1))
    }

    @Test func withoutBothSidesThereIsNone() {
        var (probe, connection) = SessionProbe.established(open: Self.open)
        #expect(probe.handle(.closed(connection)) == [.down(.connectionLost, gracefulRestart: nil)])
    }

    @Test func aNotificationDropsTheRoutes() {
        var (probe, connection) = SessionProbe.established(open: Self.open) { $0.gracefulRestartSeconds = 120 }
        let cease = NotificationMessage.cease(.administrativeReset)
        let effects = probe.handle(.received(connection, cease.encoded))
        #expect(effects == [.close(connection), .down(.notificationReceived(cease), gracefulRestart: nil)])
    }

    // MARK: RFC 8538

    static let notifying = GracefulRestartCapability(
        restarted: false, keepsRoutesOverNotifications: true, restartTimeSeconds: 120,
        forwardingPreserved: [.vpnIPv4: true, .vpnIPv6: true])
    static let notifyingOpen = SessionProbe.peerOpen(capabilities: [
        .fourOctetAutonomousSystem(65001), .gracefulRestart(notifying),
    ])

    private func notifyingProbe(_ holdTimeSeconds: UInt16 = 90) -> (SessionProbe, ConnectionIdentifier) {
        SessionProbe.established(open: Self.notifyingOpen) {
            $0.gracefulRestartSeconds = 120
            $0.holdTimeSeconds = holdTimeSeconds
        }
    }

    /// §2: the N bit is the second of the four flags.
    @Test func theNBitIsOffered() throws {
        var probe = SessionProbe { $0.gracefulRestartSeconds = 120 }
        _ = probe.handle(.start)
        let effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 1), .local))
        guard case .send(_, let message)? = effects.first else { return #expect(Bool(false), "no OPEN") }
        // Code 64, ten octets: N, 120 s, then the two families without the forwarding bit.
        let expected = octets("400a4078 00018000 00028000")
        #expect(message.indices.contains { message[$0...].starts(with: expected) })
        #expect(try OpenMessage(body: body(message)).gracefulRestart?.keepsRoutesOverNotifications == true)
    }

    /// §4: with the N bit on both sides.
    @Test func aNotificationKeepsTheRoutesWhereAgreed() throws {
        for cease in [NotificationMessage.cease(.outOfResources), .cease(.administrativeReset), .holdTimerExpired] {
            var (probe, connection) = notifyingProbe()
            let effects = probe.handle(.received(connection, cease.encoded))
            #expect(effects.last == .down(.notificationReceived(cease), gracefulRestart: Self.notifying))
        }
        var (probe, connection) = notifyingProbe()
        let hard = NotificationMessage(code: 6, subcode: 9, data: [6, 4])
        let effects = probe.handle(.received(connection, hard.encoded))
        #expect(effects.last == .down(.notificationReceived(hard), gracefulRestart: nil))
    }

    @Test func theHoldTimeAndErrorsKeepTheRoutesWhereAgreed() throws {
        var (probe, connection) = notifyingProbe(3)
        var effects: [SessionEffect] = []
        while effects.notifications.isEmpty { effects = try probe.runToNextDeadline() }
        #expect(effects.last == .down(.notificationSent(.holdTimerExpired), gracefulRestart: Self.notifying))
        (probe, connection) = notifyingProbe()
        effects = probe.handle(.unreadable(connection, .connectionNotSynchronized))
        #expect(effects.contains(.down(.notificationSent(.connectionNotSynchronized), gracefulRestart: Self.notifying)))
    }

    @Test func anOperatorsWordIsAHardReset() throws {
        let orders: [(SessionEvent, [UInt8])] = [
            (.reset(.cease(.administrativeReset)), [6, 9, 6, 4]),
            (.reset(.cease(.otherConfigurationChange)), [6, 9, 6, 6]),
            (.stop(.cease(.peerDeconfigured)), [6, 9, 6, 3]),
            (.stop(.cease(.administrativeShutdown, communication: "a")), [6, 9, 6, 2, 1, 0x61]),
            (.holdDown(SessionEstablishedTests.limit, until: nil), [6, 9, 6, 1, 0, 1, 128, 0, 0, 0, 10]),
        ]
        for (order, octets) in orders {
            var (probe, _) = notifyingProbe()
            let effects = probe.handle(order)
            let sent = try #require(effects.notifications.first)
            #expect([sent.code, sent.subcode] + sent.data == octets)
            #expect(effects.contains(.down(.notificationSent(sent), gracefulRestart: nil)))
        }
        // A peer that knows nothing of it gets what it knows.
        var (plain, _) = SessionProbe.established(open: Self.open) { $0.gracefulRestartSeconds = 120 }
        #expect(plain.handle(orders[0].0).notifications == [.cease(.administrativeReset)])
    }

    /// Where only the way of talking changes, the routes stay.
    @Test func anotherConfigurationOfTheSessionKeepsTheRoutes() {
        var (probe, _) = notifyingProbe()
        let effects = probe.session.reconfigure(
            SessionProbe.configuration {
                $0.gracefulRestartSeconds = 120
                $0.password = "new"
            }, at: probe.now)
        let cease = NotificationMessage.cease(.otherConfigurationChange)
        #expect(effects.notifications == [cease])
        #expect(effects.contains(.down(.notificationSent(cease), gracefulRestart: Self.notifying)))
    }

    /// §4.2: a new connection of the peer while the old one stands.
    @Test func aRestartedPeerReplacesItsConnection() {
        var (probe, old) = SessionProbe.established(open: Self.open) { $0.gracefulRestartSeconds = 120 }
        probe.passTime(seconds: 10)
        let new = probe.connect(.remote)
        #expect(probe.session.state == .established)
        let effects = probe.handle(.received(new, Self.open.encoded))
        #expect(effects.notifications.isEmpty)
        #expect(
            effects.prefix(2) == [
                .close(old), .down(.replacedByNewConnection, gracefulRestart: SessionProbe.gracefulRestart),
            ])
        #expect(probe.session.state == .openConfirm)
        _ = probe.handle(.received(new, KeepaliveMessage.encoded))
        #expect(probe.session.state == .established)
    }
}
