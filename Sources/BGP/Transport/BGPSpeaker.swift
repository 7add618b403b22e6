import Addressing
import NIOCore
import NIOPosix

/// All BGP sessions of the box: listens, connects, matches connections to neighbors, and tells its owner what happens.
///
/// A speaker belongs to one event loop: it is made there, every method is called there, and `onEvent` is called
/// there. An actor whose executor is that loop can own it directly and enter itself from `onEvent` by
/// `assumeIsolated`. `onEvent` may call back into the speaker.
public final class BGPSpeaker {
    /// Above the upper mark ``SendOutcome/congested`` is answered; below the lower, sending may go on.
    static let writeBufferWaterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)

    /// Our BGP identifier.
    public private(set) var identifier: IPv4Address
    /// Whether our OPENs say that we have restarted and kept forwarding (RFC 4724 §4.1). Set it before neighbors are
    /// added, and clear it when their routes are complete.
    public var isRestarting = false {
        didSet { for endpoint in endpoints.values { endpoint.setRestarting(isRestarting) } }
    }
    /// Neighbors whose interface has lost its link. Their sessions end at once, and are begun again when the link is back;
    /// one that is on no interface of the box is never among them.
    public var neighborsWithoutLink: Set<PeerAddress> = [] {
        didSet {
            for address in neighborsWithoutLink.symmetricDifference(oldValue).sorted() {
                endpoints[address]?.handle(.link(isUp: !neighborsWithoutLink.contains(address)))
            }
        }
    }
    /// Connections from addresses that are no neighbor's, or that could not be protected as configured.
    public private(set) var rejectedConnections: UInt64 = 0

    private let eventLoop: any EventLoop
    private let onEvent: (PeerAddress, NeighborEvent) -> Void
    private var seeds: JitterSource
    private var endpoints: [PeerAddress: NeighborEndpoint] = [:]
    private var listeners: [Listener] = []
    /// Neighbors whose password a listener did not take.
    private var unprotected: Set<PeerAddress> = []
    private var lastConnectionIdentifier: UInt64 = 0

    private struct Listener {
        let channel: any Channel
        /// Whose neighbors connect to it.
        let vrf: VRFNumber?
    }

    /// - Parameters:
    ///   - seed: decides the jitter of the sessions' timers.
    ///   - onEvent: is called with the neighbor's address, on `eventLoop`.
    public init(
        eventLoop: any EventLoop, identifier: IPv4Address, seed: UInt64,
        onEvent: @escaping (PeerAddress, NeighborEvent) -> Void
    ) {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        self.identifier = identifier
        self.onEvent = onEvent
        seeds = JitterSource(seed: seed)
    }

    // MARK: Listening

    /// Listens on one more address; 0.0.0.0 and :: may be listened on side by side, and each once in every VRF.
    ///
    /// - Parameters:
    ///   - port: 179, or 0 for one that the kernel chooses.
    ///   - domain: the VRF whose neighbors are listened to; `nil` for those of the default table.
    /// - Returns: the port that is listened on.
    public func listen(
        on address: IPAddress, port: UInt16 = 179, in domain: AddressDomain? = nil
    ) -> EventLoopFuture<UInt16> {
        eventLoop.preconditionInEventLoop()
        let speaker = NIOLoopBound(self, eventLoop: eventLoop)
        let isIPv4 = address.family == .ipv4
        let vrf = domain?.vrf
        var bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { SocketSettings.applyToListener($0, isIPv4: isIPv4, device: domain?.device) }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.writeBufferWaterMark)
            .childChannelInitializer { speaker.value.accept($0, vrf: vrf) }
        if !isIPv4 {
            let onlyIPv6 = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
            bootstrap = bootstrap.serverChannelOption(onlyIPv6, value: 1)
        }
        let socketAddress: SocketAddress
        do {
            socketAddress = try SocketAddress(address, port: port)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        return bootstrap.bind(to: socketAddress).map { channel in
            let speaker = speaker.value
            let listener = Listener(channel: channel, vrf: vrf)
            speaker.listeners.append(listener)
            for endpoint in speaker.endpoints.values where endpoint.session.configuration.password != nil {
                speaker.installPassword(endpoint.session.configuration, on: listener)
            }
            return UInt16(clamping: channel.localAddress?.port ?? Int(port))
        }
    }

    /// Listens no more; sessions go on.
    public func stopListening() { stopListening { _ in true } }

    /// Listens no more to the neighbors of a VRF; sessions go on.
    public func stopListening(in vrf: VRFNumber) { stopListening { $0.vrf == vrf } }

    private func stopListening(_ isToEnd: (Listener) -> Bool) {
        eventLoop.preconditionInEventLoop()
        for listener in listeners where isToEnd(listener) { listener.channel.close(promise: nil) }
        listeners.removeAll(where: isToEnd)
    }

    /// Gives a connection to the neighbor whose address it comes from; strangers are closed without a word.
    private func accept(_ channel: any Channel, vrf: VRFNumber?) -> EventLoopFuture<Void> {
        guard let peer = channel.remoteAddress?.address.map({ PeerAddress($0, vrf: vrf) }),
            let endpoint = endpoints[peer], !unprotected.contains(peer)
        else {
            rejectedConnections += 1
            return channel.close()
        }
        let identifier = nextConnectionIdentifier()
        let bound = NIOLoopBound(endpoint, eventLoop: eventLoop)
        return SocketSettings(configuration: endpoint.session.configuration).applyToAccepted(channel).flatMapThrowing {
            try channel.pipeline.syncOperations.addHandler(
                ConnectionHandler(identifier: identifier, origin: .remote, endpoint: bound.value))
        }
    }

    private func installPassword(_ configuration: NeighborConfiguration, on listener: Listener) {
        let peer = configuration.peer
        guard listener.vrf == peer.vrf, let listening = listener.channel.localAddress?.address,
            listening.family == peer.address.family
        else { return }
        SocketSettings(configuration: configuration).applyPassword(to: listener.channel).assumeIsolated().whenComplete {
            // Taking away a key that was never there fails, and leaves nothing unprotected.
            if case .failure = $0, configuration.password != nil { self.unprotected.insert(peer) }
        }
    }

    // MARK: Neighbors

    /// Changes our BGP identifier: all sessions end with a Cease (other configuration change) and come back.
    public func setIdentifier(_ new: IPv4Address) {
        eventLoop.preconditionInEventLoop()
        guard new != identifier else { return }
        identifier = new
        for endpoint in endpoints.values { endpoint.setLocalIdentifier(new) }
    }

    /// Adds a neighbor, or changes one: a session goes on if its own configuration allows it, and no other is touched.
    public func configure(_ configuration: NeighborConfiguration) {
        eventLoop.preconditionInEventLoop()
        let peer = configuration.peer
        let known = endpoints[peer]
        if known?.session.configuration.password != configuration.password {
            unprotected.remove(peer)
            for listener in listeners { installPassword(configuration, on: listener) }
        }
        if let known { return known.reconfigure(configuration) }
        var session = Session(configuration: configuration, localIdentifier: identifier, seed: seeds.next())
        session.isRestarting = isRestarting
        session.isLinkUp = !neighborsWithoutLink.contains(peer)
        let endpoint = NeighborEndpoint(
            session: session, eventLoop: eventLoop,
            nextConnectionIdentifier: { [weak self] in self?.nextConnectionIdentifier() },
            onEvent: { [onEvent] in onEvent(peer, $0) })
        endpoints[peer] = endpoint
        if !configuration.shutdown { endpoint.handle(.start) }
    }

    /// Ends the session with a Cease (peer de-configured) and forgets the neighbor.
    public func removeNeighbor(_ peer: PeerAddress) {
        eventLoop.preconditionInEventLoop()
        guard let endpoint = endpoints.removeValue(forKey: peer) else { return }
        endpoint.handle(.stop(.cease(.peerDeconfigured)))
        unprotected.remove(peer)
        guard endpoint.session.configuration.password != nil else { return }
        var configuration = endpoint.session.configuration
        configuration.password = nil
        for listener in listeners { installPassword(configuration, on: listener) }
    }

    /// All neighbors, in order.
    public var neighbors: [PeerAddress] { endpoints.keys.sorted() }

    /// What is known of a neighbor and its session now; `nil` if no neighbor with that address is configured.
    public func status(of neighbor: PeerAddress) -> NeighborStatus? {
        guard let endpoint = endpoints[neighbor] else { return nil }
        let session = endpoint.session
        return NeighborStatus(
            configuration: session.configuration, state: session.state, negotiated: session.negotiated,
            disabledFamilies: session.disabledFamilies, holdDown: session.holdDown,
            establishedSince: session.establishedSince, localAddress: endpoint.localAddress,
            counters: session.counters, lastError: session.lastError, stateSince: session.stateSince,
            nextAttempt: session.nextAttempt)
    }

    /// Lets sessions whose neighbor has not done its part for a minute report that as a failed attempt.
    public func reportWaitingSessions() {
        eventLoop.preconditionInEventLoop()
        for endpoint in endpoints.values { endpoint.handle(.stillWaiting) }
    }

    // MARK: Sessions

    /// Sends routes to a neighbor.
    ///
    /// - Throws: when the update does not fit into messages; nothing has been sent then.
    public func send(_ update: Update, to neighbor: PeerAddress) throws(UpdateEncodingError) -> SendOutcome {
        eventLoop.preconditionInEventLoop()
        guard let endpoint = endpoints[neighbor] else { return .notEstablished }
        return try endpoint.send(update)
    }

    /// Says that all routes of a family have been sent (RFC 4724 §2).
    @discardableResult
    public func sendEndOfRIB(_ family: AddressFamilyIdentifier, to neighbor: PeerAddress) -> SendOutcome {
        eventLoop.preconditionInEventLoop()
        return endpoints[neighbor]?.sendEndOfRIB(family) ?? .notEstablished
    }

    /// Asks for all routes of a family again, if the neighbor can do that (RFC 2918), or marks the beginning or the end
    /// of the answer to its own request (RFC 7313).
    @discardableResult
    public func send(_ message: RouteRefreshMessage, to neighbor: PeerAddress) -> SendOutcome {
        eventLoop.preconditionInEventLoop()
        return endpoints[neighbor]?.send(message) ?? .notEstablished
    }

    /// A mark behind what has been sent to a neighbor so far; `nil` without a session.
    public func mark(of neighbor: PeerAddress) -> TransmissionMark? {
        eventLoop.preconditionInEventLoop()
        return endpoints[neighbor]?.mark()
    }

    /// Whether the neighbor's TCP has acknowledged everything before the mark. When the connection has ended that is not
    /// known, and never will be.
    public func isAcknowledged(_ mark: TransmissionMark) -> Bool {
        eventLoop.preconditionInEventLoop()
        return endpoints[mark.neighbor]?.isAcknowledged(mark) ?? false
    }

    /// Ends a session with a NOTIFICATION, after which it comes back: for instance `.cease(.administrativeReset)`, which
    /// brings back one that is held down as well.
    public func reset(_ neighbor: PeerAddress, _ notification: NotificationMessage) {
        eventLoop.preconditionInEventLoop()
        endpoints[neighbor]?.handle(.reset(notification))
    }

    /// Ends a session with a NOTIFICATION, for instance `.maximumPrefixesReached(family:limit:)`, and keeps it down.
    ///
    /// - Parameter duration: for how long; `nil` until it is reset by an operator.
    public func holdDown(_ neighbor: PeerAddress, _ notification: NotificationMessage, for duration: Duration?) {
        eventLoop.preconditionInEventLoop()
        let until = duration.map { ContinuousClock.now.advanced(by: $0) }
        endpoints[neighbor]?.handle(.holdDown(notification, until: until))
    }

    /// Ends all sessions with an administrative shutdown and stops listening. A process that restarts gracefully does
    /// not call it but exits, which leaves its routes with the neighbors (RFC 4724 §4.1).
    public func shutDown(communication: String = "") -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        for endpoint in endpoints.values {
            endpoint.handle(.stop(.cease(.administrativeShutdown, communication: communication)))
        }
        endpoints = [:]
        let closings = listeners.map { $0.channel.close() }
        listeners = []
        return EventLoopFuture.andAllComplete(closings, on: eventLoop)
    }

    private func nextConnectionIdentifier() -> ConnectionIdentifier {
        lastConnectionIdentifier += 1
        return ConnectionIdentifier(rawValue: lastConnectionIdentifier)
    }
}
