import BGP
import Testing

/// Fast external fallover: sessions whose interface loses its link.
@Suite struct SessionLinkTests {
    @Test func `a session without a link ends at once, keeps no routes and says nothing`() {
        var (probe, connection) = SessionProbe.established(open: SessionGracefulRestartTests.open) {
            $0.gracefulRestartSeconds = 120
        }
        let effects = probe.handle(.link(isUp: false))
        #expect(effects == [.close(connection), .down(.interfaceDown, gracefulRestart: nil)])
        #expect(probe.session.state == .idle && probe.session.nextDeadline == nil)
        #expect(probe.session.lastError?.reason == "interface down")
        #expect(probe.handle(.link(isUp: false)).isEmpty)
    }

    @Test func `it is begun again with the link, and not before`() {
        var (probe, _) = SessionProbe.established()
        _ = probe.handle(.link(isUp: false))
        #expect(probe.handle(.reset(.cease(.administrativeReset))).isEmpty)
        probe.passTime(seconds: 600)
        #expect(probe.handle(.timer).isEmpty)
        let late = ConnectionIdentifier(rawValue: 99)
        #expect(probe.handle(.connected(late, .remote)).closed == [late])
        #expect(probe.handle(.link(isUp: true)) == [.connect])
        #expect(probe.session.state == .connect)
    }

    @Test func `an attempt to connect is abandoned, and errors from before the loss cost no pause`() throws {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        #expect(probe.handle(.link(isUp: false)) == [.abandonConnect])
        _ = probe.handle(.link(isUp: true))
        let connection = probe.connect(.local)
        _ = probe.handle(.unreadable(connection, .connectionNotSynchronized))
        _ = probe.handle(.link(isUp: false))
        #expect(probe.handle(.link(isUp: true)) == [.connect])
    }

    @Test func `a session that is shut down stays so whatever the link does`() {
        var probe = SessionProbe { $0.shutdown = true }
        #expect(probe.handle(.link(isUp: false)).isEmpty)
        #expect(probe.handle(.link(isUp: true)).isEmpty)
        #expect(probe.session.state == .idle)
        _ = probe.handle(.link(isUp: false))
        // The operator's word comes while there is no link.
        #expect(probe.handle(.start).isEmpty)
        #expect(probe.handle(.link(isUp: true)) == [.connect])
    }

    @Test func `a passive session waits for the neighbor when the link is back`() {
        var (probe, _) = SessionProbe.established { $0.passive = true }
        _ = probe.handle(.link(isUp: false))
        #expect(probe.handle(.link(isUp: true)).isEmpty)
        #expect(probe.session.state == .active)
    }
}
