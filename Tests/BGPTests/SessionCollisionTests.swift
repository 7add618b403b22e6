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
