import Addressing
import NIOCore
import NIOPosix

/// The session with one neighbor and its TCP connections: performs the session's effects and runs its timer.
///
/// Bound to the speaker's event loop: everything here happens on it.
final class NeighborEndpoint {
    /// A peer for which more than this waits to be sent has stopped reading, and its session is reset.
    static let mostBufferedOctets = 64 << 20
    /// How long a closed connection may take to deliver its last message.
    private static let lingerTime = TimeAmount.seconds(2)

    private(set) var session: Session
    private let eventLoop: any EventLoop
    private let clock = ContinuousClock()
    private let onEvent: (NeighborEvent) -> Void
    /// `nil` once the speaker is gone: a timer may run out after that.
    private let nextConnectionIdentifier: () -> ConnectionIdentifier?
    private var connections: [ConnectionIdentifier: Connection] = [:]
    /// The attempt to connect that is under way; attempts that were abandoned have lower numbers.
    private var connectAttempt: UInt64 = 0
    private var connectingChannel: (any Channel)?
    private var timer: Scheduled<Void>?
    private var timerDeadline: Session.Instant?
    private var waitingEffects: [SessionEffect] = []
    private var isPerforming = false
    private var isFlushScheduled = false
    private var owesReadiness = false
    /// What the kernel had dropped when the latest attempt began.
    private var segmentDrops = SegmentDrops.now

    private struct Connection {
        let channel: any Channel
        let handler: ConnectionHandler
        /// What has been given to the channel, in octets.
        var writtenOctets: UInt64 = 0
    }

    init(
        session: Session, eventLoop: any EventLoop, nextConnectionIdentifier: @escaping () -> ConnectionIdentifier?,
        onEvent: @escaping (NeighborEvent) -> Void
    ) {
        self.session = session
        self.eventLoop = eventLoop
        self.nextConnectionIdentifier = nextConnectionIdentifier
        self.onEvent = onEvent
    }

    var localAddress: IPAddress? { connections.values.first?.channel.localAddress?.address }

    // MARK: Events

    func handle(_ event: SessionEvent) { perform(session.handle(event, at: clock.now)) }

    func setRestarting(_ restarting: Bool) { session.isRestarting = restarting }

    func setLocalIdentifier(_ identifier: IPv4Address) {
        perform(session.setLocalIdentifier(identifier, at: clock.now))
    }

    func reconfigure(_ configuration: NeighborConfiguration) {
        perform(session.reconfigure(configuration, at: clock.now))
    }

    func connected(_ handler: ConnectionHandler, channel: any Channel) {
        connections[handler.identifier] = Connection(channel: channel, handler: handler)
        if handler.origin == .local { connectingChannel = nil }
        handle(.connected(handler.identifier, handler.origin))
    }

    func closed(_ identifier: ConnectionIdentifier) {
        guard connections.removeValue(forKey: identifier) != nil else { return }
        handle(.closed(identifier))
    }

    func received(_ message: [UInt8], on identifier: ConnectionIdentifier) { handle(.received(identifier, message)) }

    func unreadable(_ identifier: ConnectionIdentifier, _ notification: NotificationMessage) {
        handle(.unreadable(identifier, notification))
    }

    func writabilityChanged(_ identifier: ConnectionIdentifier, writable: Bool) {
        handle(.writable(identifier, writable))
        if writable, owesReadiness {
            owesReadiness = false
            onEvent(.readyToSend)
        }
    }

    // MARK: Sending

    func send(_ update: Update) throws(UpdateEncodingError) -> SendOutcome {
        guard session.state == .established else { return .notEstablished }
        let effects = try session.send(update, at: clock.now)
        return sendAtOnce(effects)
    }

    func sendEndOfRIB(_ family: AddressFamilyIdentifier) -> SendOutcome {
        guard session.state == .established else { return .notEstablished }
        return sendAtOnce(session.sendEndOfRIB(family))
    }

    func send(_ message: RouteRefreshMessage) -> SendOutcome {
        guard session.state == .established else { return .notEstablished }
        return sendAtOnce(session.send(message))
    }

    /// These effects are writes on an established connection and need not wait for others, so that the answer tells
    /// whether the caller should go on.
    private func sendAtOnce(_ effects: [SessionEffect]) -> SendOutcome {
        for effect in effects { perform(effect) }
        scheduleTimer()
        let channels = connections.values.map(\.channel)
        guard channels.contains(where: { !$0.isWritable }) else { return .sent }
        owesReadiness = true
        for channel in channels where bufferedOctets(channel) > Self.mostBufferedOctets {
            handle(.reset(.cease(.outOfResources)))
            return .notEstablished
        }
        return .congested
    }

    /// What has been sent to the neighbor so far; `nil` without a session.
    func mark() -> TransmissionMark? {
        // A session that is up has one connection.
        guard session.state == .established, let (identifier, connection) = connections.first else { return nil }
        return TransmissionMark(
            neighbor: session.configuration.peer, connection: identifier, octets: connection.writtenOctets)
    }

    /// Whether the neighbor's TCP has acknowledged all that was sent before the mark; not after the connection has ended.
    func isAcknowledged(_ mark: TransmissionMark) -> Bool {
        guard let connection = connections[mark.connection] else { return false }
        return TCPInformation.of(connection.channel).map { $0.acknowledgedOctets >= mark.octets } ?? false
    }

    private func bufferedOctets(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: Effects

    /// Performs effects in their order, also when performing one brings about others.
    private func perform(_ effects: [SessionEffect]) {
        waitingEffects += effects
        guard !isPerforming else { return }
        isPerforming = true
        while !waitingEffects.isEmpty {
            let batch = waitingEffects
            waitingEffects = []
            for effect in batch { perform(effect) }
        }
        isPerforming = false
        scheduleTimer()
    }

    private func perform(_ effect: SessionEffect) {
        switch effect {
        case .connect: connect()
        case .abandonConnect: abandonConnect()
        case .send(let identifier, let message): write(message, on: identifier)
        case .close(let identifier): close(identifier)
        case .established(let negotiated): onEvent(.established(negotiated))
        case .update(let update): onEvent(.update(update))
        case .endOfRIB(let family): onEvent(.endOfRIB(family))
        case .routeRefresh(let message):
            switch message.subtype {
            case .request: onEvent(.routeRefresh(message.family))
            case .beginning: onEvent(.refreshBegan(message.family))
            case .end: onEvent(.refreshEnded(message.family))
            }
        case .fault(let fault): onEvent(.fault(fault))
        case .familyDisabled(let family): onEvent(.familyDisabled(family))
        case .attemptFailed(let reason): attemptFailed(reason)
        case .down(let reason, let gracefulRestart):
            owesReadiness = false
            onEvent(.down(reason, gracefulRestart: gracefulRestart))
        }
    }

    /// TCP does not tell why nothing came; what the kernel dropped meanwhile often does.
    private func attemptFailed(_ reason: String) {
        let drops = SegmentDrops.now
        let explanation = drops.explanation(since: segmentDrops, of: session.configuration)
        segmentDrops = drops
        guard let explanation else { return onEvent(.attemptFailed(reason)) }
        session.explainLastError(explanation)
        onEvent(.attemptFailed("\(reason); \(explanation)"))
    }

    private func write(_ message: [UInt8], on identifier: ConnectionIdentifier) {
        guard let channel = connections[identifier]?.channel else { return }
        channel.write(channel.allocator.buffer(bytes: message), promise: nil)
        connections[identifier]?.writtenOctets += UInt64(message.count)
        // One system call for all that is written in this turn of the loop.
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            for connection in self.connections.values { connection.channel.flush() }
        }
    }

    /// Lets the last message out and half-closes, so that unread octets do not turn it into a reset; then closes.
    private func close(_ identifier: ConnectionIdentifier) {
        guard let connection = connections.removeValue(forKey: identifier) else { return }
        let channel = connection.channel
        connection.handler.detach()
        channel.writeAndFlush(channel.allocator.buffer(capacity: 0)).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
        let linger = eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in linger.cancel() }
    }

    // MARK: Connecting

    private func connect() {
        guard let identifier = nextConnectionIdentifier() else { return }
        connectAttempt += 1
        let attempt = connectAttempt
        segmentDrops = .now
        let configuration = session.configuration
        let endpoint = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: BGPSpeaker.writeBufferWaterMark)
            .connectTimeout(.seconds(Int64(max(1, configuration.connectRetrySeconds))))
            .channelInitializer { channel in
                SocketSettings(configuration: configuration).applyBeforeConnecting(to: channel).flatMapThrowing {
                    guard endpoint.value.connectAttempt == attempt else { throw ChannelError.eof }
                    endpoint.value.connectingChannel = channel
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(identifier: identifier, origin: .local, endpoint: endpoint.value))
                }
            }
        do {
            let remote = try SocketAddress(
                configuration.address, port: configuration.port, in: configuration.domain)
            var bound = bootstrap
            if let local = configuration.localAddress {
                bound = bootstrap.bind(to: try SocketAddress(local, port: 0, in: configuration.domain))
            }
            bound.connect(to: remote).assumeIsolated().whenFailure { error in
                self.connectFailed(error, attempt: attempt)
            }
        } catch {
            connectFailed(error, attempt: attempt)
        }
    }

    private func connectFailed(_ error: any Error, attempt: UInt64) {
        guard attempt == connectAttempt else { return }
        connectingChannel = nil
        handle(.connectFailed(ConnectFailure(error, from: session.configuration.localAddress).description))
    }

    private func abandonConnect() {
        connectAttempt += 1
        connectingChannel?.close(promise: nil)
        connectingChannel = nil
    }

    // MARK: Timer

    private func scheduleTimer() {
        let deadline = session.nextDeadline
        guard deadline != timerDeadline else { return }
        timer?.cancel()
        timer = nil
        timerDeadline = deadline
        guard let deadline else { return }
        let wait = max(.zero, clock.now.duration(to: deadline))
        timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) {
            self.timer = nil
            self.timerDeadline = nil
            self.handle(.timer)
        }
    }
}
