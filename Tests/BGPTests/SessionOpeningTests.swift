import Addressing
import BGP
import Testing

/// OpenSent and OpenConfirm.
@Suite struct SessionOpeningTests {
    /// RFC 4271 §6.2: code 2, subcode 6.
    @Test(arguments: [(UInt16(0), false), (3, false), (29, false), (30, true), (65535, true)])
    func theHoldTimeIsAtLeastWhatIsDemanded(offered: UInt16, isTaken: Bool) {
        let open = SessionProbe.peerOpen(holdTimeSeconds: offered)
        var (probe, connection) = SessionProbe.established(open: open) { $0.minimumHoldTimeSeconds = 30 }
        #expect((probe.session.state == .established) == isTaken)
        let told = "the neighbor offers a hold time of \(offered) s, at least 30 s is demanded"
        #expect(isTaken || probe.session.lastError?.reason.hasSuffix(told) == true)
        (probe, connection) = SessionProbe.established(open: open)
        #expect(probe.session.state == .established)
        // Demanded while the session is up, it ends one that has less.
        let demanding = SessionProbe.configuration { $0.minimumHoldTimeSeconds = 30 }
        let effects = probe.session.reconfigure(demanding, at: probe.now)
        #expect(effects.closed == (isTaken ? [] : [connection]))
    }

    @Test func openThenKeepaliveEstablishes() {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let connection = probe.connect(.local)
        #expect(probe.session.state == .openSent)
        let effects = probe.handle(.received(connection, SessionProbe.peerOpen().encoded))
        #expect(effects.sentTypes == [.keepalive])
        #expect(probe.session.state == .openConfirm)
        let established = probe.handle(.received(connection, KeepaliveMessage.encoded))
        #expect(probe.session.state == .established)
        #expect(probe.session.establishedSince == probe.now)
        #expect(probe.session.counters.establishedTransitions == 1)
        guard case .established(let negotiated)? = established.first else {
            Issue.record("not established")
            return
        }
        #expect(negotiated.families == bothFamilies)
        #expect(negotiated.peerAutonomousSystem == 65001 && negotiated.isExternal)
        #expect(negotiated.fourOctetAutonomousSystems && negotiated.routeRefresh)
        #expect(!negotiated.enhancedRouteRefresh && negotiated.longestMessageOctets == 4096)
    }

    @Test(arguments: [(UInt16(90), UInt16(30), UInt16(30), UInt16(10)), (9, 90, 9, 3), (90, 0, 0, 0), (3, 3, 3, 1)])
    func theSmallerHoldTimeCounts(ours: UInt16, theirs: UInt16, hold: UInt16, keepalive: UInt16) {
        let open = SessionProbe.peerOpen(holdTimeSeconds: theirs)
        let (probe, _) = SessionProbe.established(open: open) { $0.holdTimeSeconds = ours }
        #expect(probe.session.negotiated?.holdTimeSeconds == hold)
        #expect(probe.session.negotiated?.keepaliveSeconds == keepalive)
        #expect((probe.session.nextDeadline == nil) == (hold == 0))
    }

    @Test func familiesAreThoseOfBoth() {
        let (probe, _) = SessionProbe.established(open: SessionProbe.peerOpen(families: [.vpnIPv6, .ipv4Unicast]))
        #expect(probe.session.negotiated?.families == [.vpnIPv6])
    }

    struct Objection: Sendable {
        let open: OpenMessage
        let subcode: UInt8
        /// What our operator reads of it.
        let detail: String
        var isInternal = false
    }

    static let objections = [
        Objection(
            open: SessionProbe.peerOpen(autonomousSystem: 65002), subcode: 2,
            detail: "the neighbor is in AS 65002, AS 65001 is configured"),
        Objection(
            open: SessionProbe.peerOpen(capabilities: [.fourOctetAutonomousSystem(0)]), subcode: 2,
            detail: "the neighbor is in AS 0, AS 65001 is configured"),
        Objection(
            open: SessionProbe.peerOpen(families: []), subcode: 7,
            detail: "the neighbor offers none of vpnv4, vpnv6"),
        Objection(
            open: SessionProbe.peerOpen(autonomousSystem: 42, identifier: IPv4Address(192, 0, 2, 1)), subcode: 3,
            detail: "the neighbor has our own identifier 192.0.2.1", isInternal: true),
    ]

    @Test(arguments: objections)
    func theWrongPeerIsToldSo(_ objection: Objection) {
        var probe = SessionProbe { if objection.isInternal { $0.remoteAutonomousSystem = 42 } }
        _ = probe.handle(.start)
        let connection = probe.connect(.local)
        let effects = probe.handle(.received(connection, objection.open.encoded))
        #expect(effects.notifications.map(\.code) == [2])
        #expect(effects.notifications.map(\.subcode) == [objection.subcode])
        #expect(effects.closed == [connection])
        #expect(probe.session.state == .idle)
        #expect(probe.session.lastError?.reason.contains("OPEN message error") == true)
        #expect(probe.session.lastError?.reason.hasSuffix(objection.detail) == true)
        #expect(probe.session.nextAttempt == probe.session.nextDeadline)
    }

    /// An identifier is unique within its AS only (RFC 6286).
    @Test func externalPeerMayHaveOurIdentifier() {
        let open = SessionProbe.peerOpen(identifier: IPv4Address(192, 0, 2, 1))
        #expect(SessionProbe.established(open: open).probe.session.state == .established)
    }

    @Test func messagesOutOfTurnAreErrorsOfTheMachine() {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let first = probe.connect(.local)
        let early = probe.handle(.received(first, KeepaliveMessage.encoded))
        #expect(early.notifications == [NotificationMessage(code: 5, subcode: 1)])
        var (established, connection) = SessionProbe.established()
        let late = established.handle(.received(connection, SessionProbe.peerOpen().encoded))
        #expect(late.notifications == [NotificationMessage(code: 5, subcode: 3)])
        #expect(late.last == .down(.notificationSent(NotificationMessage(code: 5, subcode: 3)), gracefulRestart: nil))
    }

    @Test func notificationIsNotAnswered() {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let connection = probe.connect(.local)
        let effects = probe.handle(.received(connection, NotificationMessage.cease(.connectionRejected).encoded))
        #expect(
            effects == [.close(connection), .attemptFailed("notification received: cease: connection rejected")])
        #expect(probe.session.lastError?.reason == "notification received: cease: connection rejected")
    }

    @Test func aSilentPeerIsGivenFourMinutes() throws {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        let connection = probe.connect(.local)
        let begin = probe.now
        let effects = try probe.runToNextDeadline()
        #expect(begin.duration(to: probe.now) == .seconds(240))
        #expect(effects.notifications == [.holdTimerExpired])
        #expect(effects.closed == [connection])
    }
}
