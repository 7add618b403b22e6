import Addressing
import BGP
import Testing

/// From Idle to Active and back.
@Suite struct SessionConnectingTests {
    @Test func startConnects() {
        var probe = SessionProbe()
        #expect(probe.session.state == .idle)
        #expect(probe.handle(.start) == [.connect])
        #expect(probe.session.state == .connect)
        #expect(probe.handle(.start).isEmpty)
    }

    @Test func passiveSessionsWait() throws {
        var probe = SessionProbe { $0.passive = true }
        #expect(probe.handle(.start).isEmpty)
        #expect(probe.session.state == .active)
        #expect(probe.session.nextDeadline == nil)
        _ = probe.connect(.remote)
        #expect(probe.session.state == .openSent)
    }

    @Test func failedConnectsAreTriedAgainWithJitter() throws {
        var probe = SessionProbe { $0.connectRetrySeconds = 10 }
        _ = probe.handle(.start)
        let begin = probe.now
        #expect(probe.handle(.connectFailed("refused")) == [.attemptFailed("connection failed: refused")])
        #expect(probe.session.state == .active)
        #expect(probe.session.lastError?.reason == "connection failed: refused")
        #expect(probe.session.lastError?.instant == begin && probe.session.stateSince == begin)
        #expect(probe.session.nextAttempt == probe.session.nextDeadline)
        #expect(try probe.runToNextDeadline() == [.connect])
        #expect((Duration.seconds(7.5)...Duration.seconds(10)).contains(begin.duration(to: probe.now)))
    }

    @Test func slowConnectsAreAbandoned() throws {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        #expect(
            try probe.runToNextDeadline()
                == [.abandonConnect, .attemptFailed("connection failed: no answer"), .connect])
        #expect(probe.session.lastError?.reason == "connection failed: no answer")
    }

    @Test func aPassiveSessionThatNobodyConnectsToSaysSo() {
        var probe = SessionProbe { $0.passive = true }
        _ = probe.handle(.start)
        probe.passTime(seconds: 59)
        #expect(probe.handle(.stillWaiting).isEmpty)
        probe.passTime(seconds: 1)
        let reason = "the neighbor has not connected, and the session is passive"
        #expect(probe.handle(.stillWaiting) == [.attemptFailed(reason)])
        #expect(probe.session.lastError?.reason == reason && probe.session.nextAttempt == nil)
    }

    /// Each end before Established is told by its cause; what we end ourselves is none.
    @Test func attemptsThatEndAreTold() {
        let refused = NotificationMessage(code: 2, subcode: 2)
        let ends: [(SessionEvent, String?)] = [
            (.closed(ConnectionIdentifier(rawValue: 1)), "the neighbor closed the connection in OpenSent"),
            (
                .received(ConnectionIdentifier(rawValue: 1), refused.encoded),
                "notification received: OPEN message error: bad peer AS (ours is AS 42)"
            ),
            (.reset(.cease(.administrativeReset)), nil), (.stop(.cease(.administrativeShutdown)), nil),
        ]
        for (event, reason) in ends {
            var probe = SessionProbe()
            _ = probe.handle(.start)
            _ = probe.connect(.local)
            let told = probe.handle(event).compactMap {
                if case .attemptFailed(let reason) = $0 { reason } else { nil }
            }
            #expect(told.count == (reason == nil ? 0 : 1))
            if let reason { #expect(told.first?.hasPrefix(reason) == true) }
        }
    }

    @Test func silenceAfterTheConnectionIsTold() throws {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        _ = probe.connect(.local)
        #expect(probe.handle(.stillWaiting).isEmpty)
        probe.passTime(seconds: 60)
        #expect(probe.handle(.stillWaiting) == [.attemptFailed("nothing comes from the neighbor in OpenSent")])
        #expect(probe.session.state == .openSent)
        #expect(try probe.runToNextDeadline().contains(.attemptFailed("no OPEN or KEEPALIVE came in OpenSent")))
    }

    @Test func ourOpenSaysWhatIsConfigured() throws {
        var probe = SessionProbe {
            $0.gracefulRestartSeconds = 120
            $0.holdTimeSeconds = 9
        }
        probe.session.isRestarting = true
        _ = probe.handle(.start)
        let effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 1), .local))
        guard case .send(_, let message)? = effects.first else {
            Issue.record("no OPEN was sent")
            return
        }
        let open = try OpenMessage(body: body(message))
        #expect(open.autonomousSystem == 42 && open.holdTimeSeconds == 9)
        #expect(open.families == bothFamilies)
        #expect(open.gracefulRestart?.restarted == true)
        #expect(open.gracefulRestart?.forwardingPreserved == [.vpnIPv4: true, .vpnIPv6: true])
    }

    @Test func stoppedSessionsRefuseConnections() {
        var probe = SessionProbe()
        let effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 1), .remote))
        #expect(effects.notifications == [.cease(.connectionRejected)])
        #expect(effects.closed == [ConnectionIdentifier(rawValue: 1)])
        #expect(probe.session.state == .idle)
    }

    @Test func stopSaysWhyAndStaysDown() {
        var (probe, connection) = SessionProbe.established()
        let cease = NotificationMessage.cease(.administrativeShutdown, communication: "bye")
        let effects = probe.handle(.stop(cease))
        #expect(effects.notifications == [cease])
        #expect(effects.closed == [connection])
        #expect(effects.last == .down(.notificationSent(cease), gracefulRestart: nil))
        #expect(probe.session.state == .idle && probe.session.nextDeadline == nil)
    }

    @Test func repeatedErrorsDoubleThePause() throws {
        var probe = SessionProbe { $0.longestIdleHoldSeconds = 8 }
        _ = probe.handle(.start)
        for seconds in [1, 2, 4, 8, 8] {
            let connection = probe.connect(.local)
            let begin = probe.now
            #expect(probe.handle(.unreadable(connection, .connectionNotSynchronized)).closed == [connection])
            #expect(probe.session.state == .idle)
            #expect(try probe.runToNextDeadline() == [.connect])
            let pause = begin.duration(to: probe.now)
            #expect((Duration.milliseconds(750 * seconds)...Duration.seconds(seconds)).contains(pause))
        }
    }

    @Test func reconfigurationEndsTheSessionOnlyWhereItMust() {
        var (probe, connection) = SessionProbe.established()
        let timers = SessionProbe.configuration { $0.connectRetrySeconds = 99 }
        #expect(probe.session.reconfigure(timers, at: probe.now).isEmpty)
        #expect(probe.session.state == .established)
        let families = SessionProbe.configuration { $0.families = [.vpnIPv4] }
        let effects = probe.session.reconfigure(families, at: probe.now)
        #expect(effects.notifications == [.cease(.otherConfigurationChange)])
        #expect(effects.closed == [connection])
        #expect(effects.last == .connect)
    }

    @Test func shutdownIsConfiguration() {
        var (probe, _) = SessionProbe.established()
        let down = SessionProbe.configuration {
            $0.shutdown = true
            $0.shutdownReason = "maintenance"
        }
        let effects = probe.session.reconfigure(down, at: probe.now)
        #expect(effects.notifications.first?.shutdownCommunication == "maintenance")
        #expect(probe.session.state == .idle)
        #expect(probe.session.reconfigure(SessionProbe.configuration(), at: probe.now) == [.connect])
    }
}
