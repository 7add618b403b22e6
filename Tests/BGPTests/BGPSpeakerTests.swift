import Addressing
import BGP
import NIOCore
import NIOPosix
import Testing

/// Two speakers over TCP on loopback: 127.0.0.1 of AS 42 connects to 127.0.0.2 of AS 65001.
@Suite(.serialized) struct BGPSpeakerTests {
    static let left = IPAddress.ipv4(IPv4Address(127, 0, 0, 1))
    static let right = IPAddress.ipv4(IPv4Address(127, 0, 0, 2))
    private static let toLeft = PeerAddress(left)
    private static let toRight = PeerAddress(right)

    typealias Change = @Sendable (inout NeighborConfiguration) -> Void

    private static func password(_ text: String?) -> Change { { $0.password = text } }
    private static func localAddress(_ address: IPAddress) -> Change { { $0.localAddress = address } }
    private static func address(_ address: IPAddress) -> Change { { $0.address = address } }

    /// Runs `body` with the two speakers; the left one knows the right one's port, the right one is passive.
    private func withSpeakers(
        left change: Change = { _ in }, right changeRight: Change = { _ in },
        _ body: @Sendable (SpeakerHarness, SpeakerHarness) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let first = SpeakerHarness(eventLoop: group.next())
        let second = SpeakerHarness(eventLoop: group.next())
        _ = try await first.start(identifier: IPv4Address(10, 0, 0, 1), listenOn: Self.left)
        let port = try await second.start(identifier: IPv4Address(10, 0, 0, 2), listenOn: Self.right)
        var toRight = NeighborConfiguration(
            address: Self.right, localAutonomousSystem: 42, remoteAutonomousSystem: 65001,
            families: [.vpnIPv4, .vpnIPv6])
        toRight.port = port
        toRight.localAddress = Self.left
        toRight.connectRetrySeconds = 1
        change(&toRight)
        var toLeft = NeighborConfiguration(
            address: Self.left, localAutonomousSystem: 65001, remoteAutonomousSystem: 42,
            families: [.vpnIPv4, .vpnIPv6])
        toLeft.passive = true
        changeRight(&toLeft)
        await second.configure(toLeft)
        await first.configure(toRight)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(first, second))
        } catch {
            result = .failure(error)
        }
        try await first.shutDown()
        try await second.shutDown()
        try await group.shutdownGracefully()
        try result.get()
    }

    private static func update(_ count: UInt32) throws -> Update {
        let routeDistinguisher = try required(RouteDistinguisher("42:1"))
        let label = try label(1001)
        let routes = (0..<count).map { number in
            AnnouncedRoute(
                routeDistinguisher: routeDistinguisher,
                prefix: IPPrefix(host: .ipv4(IPv4Address(rawValue: 0x0A00_0000 + number))), label: label)
        }
        var attributes = PathAttributes(asPath: ASPath(sequence: [42]), nextHop: BGPNextHop(left))
        attributes.extendedCommunities = [ExtendedCommunity(try required(RouteTarget("42:1")))]
        return Update(announcing: routes, attributes: attributes)
    }

    @Test(.timeLimit(.minutes(1))) func routesCrossAndTheSessionCloses() async throws {
        try await withSpeakers { left, right in
            _ = try await left.event { $0.isEstablished }
            _ = try await right.event { $0.isEstablished }
            let update = try Self.update(100)
            let outcome = try await left.send(update, to: Self.toRight)
            #expect(outcome == .sent)
            await left.sendEndOfRIB(.vpnIPv4, to: Self.toRight)
            _ = try await right.event { $0 == .endOfRIB(.vpnIPv4) }
            _ = try await right.event { $0 == .update(update) }
            await right.requestRefresh(.vpnIPv6, from: Self.toLeft)
            _ = try await left.event { $0 == .routeRefresh(.vpnIPv6) }
            let status = try #require(await left.status(of: Self.toRight))
            #expect(status.state == .established)
            #expect(status.localAddress == Self.left)
            #expect(status.counters.messagesSent[.update] == 2)
            await left.reset(Self.toRight)
            let cease = NotificationMessage.cease(.administrativeReset)
            let down = try await right.event { $0.isDown }
            #expect(down == .down(.notificationReceived(cease), gracefulRestart: nil))
            await left.forgetEvents()
            _ = try await left.event { $0.isEstablished }
        }
    }

    @Test(.timeLimit(.minutes(1))) func passwordsMustAgree() async throws {
        try await withSpeakers(left: Self.password("agreed"), right: Self.password("agreed")) { left, right in
            _ = try await left.event { $0.isEstablished }
            _ = try await right.event { $0.isEstablished }
        }
    }

    /// The kernel drops segments without the signature, so that the connection never comes about; its counters say why.
    @Test(.timeLimit(.minutes(1)), arguments: [(nil, "secret", "with a TCP-MD5"), ("a", "b", "with a wrong TCP-MD5")])
    func withoutThePasswordNoConnectionComesAbout(left own: String?, right other: String, reason: String) async throws {
        // The right one connects too: what one side drops of the other's is what the one can tell.
        try await withSpeakers(left: Self.password(own), right: Self.password(other)) { left, right in
            let port = try #require(await left.port)
            var back = try #require(await right.status(of: Self.toLeft)?.configuration)
            back.passive = false
            back.port = port
            back.localAddress = Self.right
            back.connectRetrySeconds = 1
            await right.configure(back)
            let failure = try await left.event { $0.failure?.contains("\(reason) signature") == true }
            #expect(failure.failure?.hasPrefix("connection failed") == true)
            let status = try #require(await left.status(of: Self.toRight))
            #expect(status.lastError?.reason.hasPrefix("connection failed") == true && status.nextAttempt != nil)
            #expect(await right.status(of: Self.toLeft)?.negotiated == nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func anAddressThatIsNotHereIsNamed() async throws {
        let elsewhere = IPAddress.ipv4(IPv4Address(192, 0, 2, 77))
        try await withSpeakers(left: Self.localAddress(elsewhere)) { left, _ in
            let failure = try await left.event { $0.failure != nil }
            #expect(failure.failure?.contains("the local address 192.0.2.77 is not on this box") == true)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aNeighborThatDoesNotListenIsNamed() async throws {
        try await withSpeakers(left: Self.address(.ipv4(IPv4Address(127, 0, 0, 3)))) { left, _ in
            let failure = try await left.event { $0.failure != nil }
            #expect(failure.failure?.contains("refused") == true)
        }
    }

    @Test(.timeLimit(.minutes(1))) func timeToLiveSecurityOnBothSides() async throws {
        let secure: Change = { $0.reach = .timeToLiveSecurity(hops: 1) }
        try await withSpeakers(left: secure, right: secure) { left, right in
            _ = try await left.event { $0.isEstablished }
            _ = try await right.event { $0.isEstablished }
        }
    }

    @Test(.timeLimit(.minutes(1))) func removingANeighborSaysSo() async throws {
        try await withSpeakers { left, right in
            _ = try await right.event { $0.isEstablished }
            await left.remove(Self.toRight)
            let cease = NotificationMessage.cease(.peerDeconfigured)
            let down = try await right.event { $0.isDown }
            #expect(down == .down(.notificationReceived(cease), gracefulRestart: nil))
            #expect(await left.status(of: Self.toRight) == nil)
        }
    }

    /// A great table goes to the peer in portions, as `readyToSend` asks for them, and arrives whole.
    @Test(.timeLimit(.minutes(1))) func aGreatTableIsSentAsThePeerTakesIt() async throws {
        try await withSpeakers { left, right in
            _ = try await left.event { $0.isEstablished }
            for _ in 0..<40 {
                if try await left.send(Self.update(5000), to: Self.toRight) == .congested {
                    _ = try await left.event { $0 == .readyToSend }
                    await left.forgetEvents()
                }
            }
            await left.sendEndOfRIB(.vpnIPv4, to: Self.toRight)
            _ = try await right.event { $0 == .endOfRIB(.vpnIPv4) }
            let updates = await left.status(of: Self.toRight)?.counters.messagesSent[.update]
            let received = await right.status(of: Self.toLeft)?.counters.messagesReceived[.update]
            #expect(updates == received)
        }
    }

    @Test(.timeLimit(.minutes(1))) func strangersAreTurnedAway() async throws {
        try await withSpeakers(right: Self.address(.ipv4(IPv4Address(127, 0, 0, 9)))) { _, right in
            while await right.rejectedConnections == 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(await right.status(of: PeerAddress(.ipv4(IPv4Address(127, 0, 0, 9))))?.state == .active)
        }
    }
}
