import Addressing
import BGP
import SeededRandom
import Testing

/// Established.
@Suite struct SessionEstablishedTests {
    @Test func keepalivesGoOutAndSilenceEndsTheSession() throws {
        var (probe, connection) = SessionProbe.established()
        for _ in 0..<2 {
            #expect(try probe.runToNextDeadline().sentTypes == [.keepalive])
            _ = probe.handle(.received(connection, KeepaliveMessage.encoded))
        }
        #expect(try probe.runToNextDeadline().sentTypes == [.keepalive])
        #expect(try probe.runToNextDeadline().sentTypes == [.keepalive])
        let effects = try probe.runToNextDeadline()
        #expect(effects.notifications == [.holdTimerExpired])
        #expect(effects.last == .down(.notificationSent(.holdTimerExpired), gracefulRestart: nil))
    }

    @Test func routesAreReported() throws {
        var (probe, connection) = SessionProbe.established()
        let effects = probe.handle(.received(connection, Captures.goBGPAnnouncementIPv4))
        let update = DecodedUpdate(body: body(Captures.goBGPAnnouncementIPv4), context: externalContext).update
        #expect(effects == [.update(update)])
        let marker = UpdateEncoder.endOfRIB(.vpnIPv6)
        #expect(probe.handle(.received(connection, marker)) == [.endOfRIB(.vpnIPv6)])
        #expect(probe.session.counters.messagesReceived[.update] == 2)
    }

    @Test func damagedAttributesWithdrawAndCount() throws {
        var (probe, connection) = SessionProbe.established()
        let text = UpdateText.body(UpdateText.reachable, UpdateText.origin)
        let effects = probe.handle(.received(connection, message(text)))
        #expect(effects.last == .update(Update(withdrawing: [try vpn("42:1", "10.1.0.0/16")])))
        #expect(effects.count == 2)
        #expect(probe.session.state == .established)
        #expect(probe.session.counters.updatesTreatedAsWithdrawn == 1)
    }

    static let brokenRoutes = "80 0f 10 0001 80 68 800000 0000002a00000001 0a"

    @Test func brokenRoutesDisableTheirFamily() throws {
        var (probe, connection) = SessionProbe.established()
        let effects = probe.handle(.received(connection, message(UpdateText.body(Self.brokenRoutes))))
        #expect(effects.last == .familyDisabled(.vpnIPv4))
        #expect(probe.session.state == .established)
        // From here on, this family's routes are passed over, and the other's are not.
        #expect(probe.handle(.received(connection, Captures.goBGPAnnouncementIPv4)).isEmpty)
        #expect(probe.handle(.received(connection, Captures.goBGPAnnouncementIPv6)).count == 1)
    }

    @Test func aDisabledFamilyIsToldAndTheSessionIsMadeAnewForIt() throws {
        var (probe, connection) = SessionProbe.established { $0.holdTimeSeconds = 0 }
        for seconds in [300, 600, 1200, 2400, 3600, 3600] {
            _ = probe.handle(.received(connection, message(UpdateText.body(Self.brokenRoutes))))
            let disabled = try #require(probe.session.disabledFamilies[.vpnIPv4])
            #expect(probe.session.disabledFamilies.count == 1)
            #expect(disabled.since == probe.now)
            #expect(disabled.retryAt == probe.now.advanced(by: .seconds(seconds)))
            #expect(disabled.fault.cause == "UPDATE message error: optional attribute error in attribute 15")
            let effects = try probe.runToNextDeadline()
            #expect(probe.now == disabled.retryAt)
            #expect(effects.notifications == [disabled.fault.notification])
            #expect(effects.last == .connect)
            #expect(probe.session.disabledFamilies.isEmpty)
            connection = probe.bringUp()
            #expect(probe.handle(.received(connection, Captures.goBGPAnnouncementIPv4)).count == 1)
        }
        // A session that lasts with both families ends the doubling.
        probe.passTime(seconds: 60)
        _ = probe.handle(.closed(connection))
        connection = probe.bringUp()
        _ = probe.handle(.received(connection, message(UpdateText.body(Self.brokenRoutes))))
        #expect(probe.session.nextDeadline == probe.now.advanced(by: .seconds(300)))
    }

    @Test func anOperatorsResetBringsADisabledFamilyBack() throws {
        var (probe, connection) = SessionProbe.established()
        _ = probe.handle(.received(connection, message(UpdateText.body(Self.brokenRoutes))))
        _ = probe.handle(.reset(.cease(.administrativeReset)))
        #expect(probe.session.disabledFamilies.isEmpty)
        connection = probe.bringUp()
        #expect(probe.handle(.received(connection, Captures.goBGPAnnouncementIPv4)).count == 1)
    }

    @Test func theLastFamilyTakesTheSessionWithIt() {
        var (probe, connection) = SessionProbe.established { $0.families = [.vpnIPv4] }
        let effects = probe.handle(.received(connection, message(UpdateText.body(Self.brokenRoutes))))
        #expect(effects.notifications.map(\.code) == [3])
        #expect(effects.closed == [connection])
    }

    @Test func unreadableUpdatesResetTheSession() {
        var (probe, connection) = SessionProbe.established()
        let effects = probe.handle(.received(connection, message([0, 9, 0, 0])))
        #expect(effects.notifications == [NotificationMessage(code: 3, subcode: 1)])
        #expect(probe.session.state == .idle)
    }

    @Test func routeRefreshBothWays() {
        var (probe, connection) = SessionProbe.established()
        let request = RouteRefreshMessage(family: .vpnIPv4)
        #expect(probe.handle(.received(connection, request.encoded)) == [.routeRefresh(request)])
        #expect(probe.session.send(request) == [.send(connection, request.encoded)])
        // The peer did not offer RFC 7313, nor this family.
        #expect(probe.session.send(RouteRefreshMessage(family: .vpnIPv4, subtype: .beginning)).isEmpty)
        #expect(probe.session.send(RouteRefreshMessage(family: .ipv4Unicast)).isEmpty)
    }

    @Test func longMessagesNeedBothSides() throws {
        let long = UpdateText.body(
            UpdateText.reachable, UpdateText.origin, UpdateText.asPath,
            "d0 63 1388" + String(repeating: "00", count: 5000))
        var (short, first) = SessionProbe.established()
        #expect(short.handle(.received(first, message(long))).notifications.map(\.subcode) == [2])
        let open = SessionProbe.peerOpen(capabilities: [.fourOctetAutonomousSystem(65001), .extendedMessage])
        var (extended, second) = SessionProbe.established(open: open) { $0.extendedMessages = true }
        #expect(extended.handle(.received(second, message(long))).count == 1)
        // Unless it is configured it is not offered, whatever the peer offers.
        var (unasked, third) = SessionProbe.established(open: open)
        #expect(unasked.handle(.received(third, message(long))).notifications.map(\.subcode) == [2])
    }

    @Test func nothingIsSentBeforeTheSessionIsUp() throws {
        var probe = SessionProbe()
        _ = probe.handle(.start)
        #expect(try probe.session.send(Update(withdrawing: [vpn("42:1", "10.0.0.0/8")]), at: probe.now).isEmpty)
        #expect(probe.session.sendEndOfRIB(.vpnIPv4).isEmpty)
    }

    /// RFC 9687: a peer that keeps talking but takes nothing.
    @Test func aPeerThatDoesNotReadIsGivenUp() throws {
        var (probe, connection) = SessionProbe.established()
        _ = probe.handle(.writable(connection, false))
        let begin = probe.now
        var effects: [SessionEffect] = []
        while effects.notifications.isEmpty {
            _ = probe.handle(.received(connection, KeepaliveMessage.encoded))
            effects = try probe.runToNextDeadline()
        }
        #expect(effects.notifications == [.sendHoldTimerExpired])
        #expect(begin.duration(to: probe.now) == .seconds(480))
    }

    @Test func resetComesBack() throws {
        var (probe, connection) = SessionProbe.established()
        #expect(probe.handle(.reset(.cease(.outOfResources))).closed == [connection])
        #expect(try probe.runToNextDeadline() == [.connect])
    }

    static let limit = NotificationMessage.maximumPrefixesReached(family: .vpnIPv4, limit: 10)

    @Test func aSessionThatIsHeldDownWaitsForTheOperator() throws {
        var (probe, connection) = SessionProbe.established()
        let effects = probe.handle(.holdDown(Self.limit, until: nil))
        #expect(effects.notifications == [Self.limit])
        #expect(effects.closed == [connection])
        #expect(probe.session.state == .idle)
        let holdDown = try #require(probe.session.holdDown)
        #expect(holdDown.reason == Self.limit && holdDown.since == probe.now && holdDown.until == nil)
        #expect(probe.session.nextDeadline == nil)
        // Neither the neighbor, nor another reset, nor another configuration brings it back.
        _ = probe.connect(.remote)
        _ = probe.handle(.reset(.cease(.otherConfigurationChange)))
        _ = probe.session.reconfigure(SessionProbe.configuration { $0.password = "x" }, at: probe.now)
        #expect(probe.session.state == .idle)
        #expect(probe.session.nextDeadline == nil)
        #expect(probe.handle(.reset(.cease(.administrativeReset))) == [.connect])
        #expect(probe.session.holdDown == nil)
        _ = probe.bringUp()
        #expect(probe.session.state == .established)
    }

    @Test func aSessionThatIsHeldDownForATimeComesBack() throws {
        var (probe, _) = SessionProbe.established()
        let until = probe.now.advanced(by: .seconds(600))
        _ = probe.handle(.holdDown(Self.limit, until: until))
        #expect(try probe.runToNextDeadline() == [.connect])
        #expect(probe.now == until)
        #expect(probe.session.holdDown == nil)
    }

    @Test func shutdownAndBackEndsTheHoldDown() {
        var (probe, _) = SessionProbe.established()
        _ = probe.handle(.holdDown(Self.limit, until: nil))
        _ = probe.session.reconfigure(SessionProbe.configuration { $0.shutdown = true }, at: probe.now)
        #expect(probe.session.reconfigure(SessionProbe.configuration(), at: probe.now) == [.connect])
        #expect(probe.session.holdDown == nil)
    }

    /// Any octets at any time: effects or an end of the connection, never a crash.
    @Test(arguments: [UInt64(31), 32])
    func randomEventsNeverCrash(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var probe = SessionProbe { $0.gracefulRestartSeconds = 60 }
        _ = probe.handle(.start)
        let messages = [
            SessionProbe.peerOpen().encoded, KeepaliveMessage.encoded, SessionGracefulRestartTests.open.encoded,
            KeepaliveMessage.encoded, Captures.goBGPAnnouncementIPv4, Captures.frrWithdrawal,
            NotificationMessage.cease(.hardReset).encoded, RouteRefreshMessage(family: .vpnIPv6).encoded,
        ]
        for _ in 0..<5000 {
            let oldest = probe.lastConnection - min(probe.lastConnection, 2)
            let open = ConnectionIdentifier(
                rawValue: UInt64.random(in: oldest...probe.lastConnection, using: &generator))
            switch Int.random(in: 0..<13, using: &generator) {
            case 0: _ = probe.connect(generator.chance(50) ? .local : .remote)
            case 1: _ = probe.handle(.closed(open))
            case 2: _ = probe.handle(.connectFailed("refused"))
            case 3: probe.passTime(seconds: Int.random(in: 0...30, using: &generator))
            case 4: _ = probe.handle(.timer)
            case 5: _ = probe.handle(.link(isUp: generator.chance(80)))
            case 6:
                _ = probe.handle(
                    .received(open, [UInt8](repeating: 0xFF, count: Int.random(in: 0...40, using: &generator))))
            default: _ = probe.handle(.received(open, messages.randomElement(using: &generator) ?? []))
            }
        }
        #expect(probe.session.counters.establishedTransitions > 0, "seed \(seed)")
    }
}
