import Addressing
import BGP

/// A session with a neighbor that a test plays: time goes on only when the test says so.
struct SessionProbe {
    var session: Session
    var now = ContinuousClock.now
    var lastConnection: UInt64 = 0

    static let peer = IPAddress.ipv4(IPv4Address(192, 0, 2, 2))

    /// The configuration that a test starts from: AS 42 towards AS 65001.
    static func configuration(_ change: (inout NeighborConfiguration) -> Void = { _ in }) -> NeighborConfiguration {
        var configuration = NeighborConfiguration(
            address: peer, localAutonomousSystem: 42, remoteAutonomousSystem: 65001,
            families: [.vpnIPv4, .vpnIPv6])
        change(&configuration)
        return configuration
    }

    init(_ change: (inout NeighborConfiguration) -> Void = { _ in }) {
        session = Session(
            configuration: Self.configuration(change), localIdentifier: IPv4Address(192, 0, 2, 1), seed: 7)
    }

    mutating func handle(_ event: SessionEvent) -> [SessionEffect] { session.handle(event, at: now) }

    /// Whether the session is up, and would go down with this connection.
    func isEstablished(on connection: ConnectionIdentifier) -> Bool {
        var copy = session
        return session.state == .established
            && copy.handle(.closed(connection), at: now).contains { if case .down = $0 { true } else { false } }
    }

    /// Lets time pass up to the next timer and past it.
    mutating func runToNextDeadline() throws -> [SessionEffect] {
        now = try required(session.nextDeadline)
        return handle(.timer)
    }

    mutating func passTime(seconds: Int) { now = now.advanced(by: .seconds(seconds)) }

    /// Brings up a TCP connection; the effects of that are dropped.
    mutating func connect(_ origin: ConnectionOrigin) -> ConnectionIdentifier {
        lastConnection += 1
        let identifier = ConnectionIdentifier(rawValue: lastConnection)
        _ = handle(.connected(identifier, origin))
        return identifier
    }

    /// The peer's OPEN as it is unless a test changes it.
    static func peerOpen(
        autonomousSystem: UInt32 = 65001, holdTimeSeconds: UInt16 = 90,
        identifier: IPv4Address = IPv4Address(192, 0, 2, 2),
        families: [AddressFamilyIdentifier] = [.vpnIPv4, .vpnIPv6], capabilities: [Capability]? = nil
    ) -> OpenMessage {
        let others = capabilities ?? [.routeRefresh, .fourOctetAutonomousSystem(autonomousSystem)]
        return OpenMessage(
            autonomousSystem: autonomousSystem, holdTimeSeconds: holdTimeSeconds, identifier: identifier,
            capabilities: families.map(Capability.multiprotocol) + others)
    }

    static let gracefulRestart = GracefulRestartCapability(
        restarted: false, restartTimeSeconds: 120, forwardingPreserved: [.vpnIPv4: true, .vpnIPv6: true])

    /// A started session that has come to Established on a connection of ours.
    static func established(
        open: OpenMessage = peerOpen(), _ change: (inout NeighborConfiguration) -> Void = { _ in }
    ) -> (probe: SessionProbe, connection: ConnectionIdentifier) {
        var probe = SessionProbe(change)
        _ = probe.handle(.start)
        let connection = probe.bringUp(open)
        return (probe, connection)
    }

    /// Brings a session that connects to Established on a connection of ours.
    mutating func bringUp(_ open: OpenMessage = peerOpen()) -> ConnectionIdentifier {
        let connection = connect(.local)
        _ = handle(.received(connection, open.encoded))
        _ = handle(.received(connection, KeepaliveMessage.encoded))
        return connection
    }
}

extension [SessionEffect] {
    /// The NOTIFICATIONs among the messages sent.
    var notifications: [NotificationMessage] {
        compactMap { effect in
            guard case .send(_, let message) = effect, message[18] == MessageType.notification.rawValue else {
                return nil
            }
            return NotificationMessage(body: body(message))
        }
    }

    /// The types of the messages sent.
    var sentTypes: [MessageType] {
        compactMap { effect in
            guard case .send(_, let message) = effect else { return nil }
            return MessageType(rawValue: message[18])
        }
    }

    var closed: [ConnectionIdentifier] {
        compactMap { effect in
            guard case .close(let identifier) = effect else { return nil }
            return identifier
        }
    }
}
