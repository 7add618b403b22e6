import Addressing
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves `GET /metrics` over HTTP to whoever reaches its address.
///
/// A server belongs to one event loop: every method is called there. What clients may take of the process is bounded: so
/// many connections, one request and one answer on each, and so much time for both. Clients that ask at the same time, or
/// soon after one another, are given the same text.
public final class MetricsServer {
    public struct Limits: Sendable {
        /// One more takes the place of the oldest that has asked for nothing, or is closed at once where all have asked.
        public var connections = 16
        /// So long a client may take to ask.
        public var requestTime = TimeAmount.seconds(2)
        /// After so long a connection is closed, whatever its client does.
        public var connectionTime = TimeAmount.seconds(20)
        /// How long a text is given to those who ask next.
        public var freshness = TimeAmount.seconds(1)

        public init() {}
    }

    private let eventLoop: any EventLoop
    private let limits: Limits
    private let text: RenderedMetrics
    private var channel: (any Channel)?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var connectionsTaken: UInt64 = 0
    /// Raised by each change of where it listens: what was begun before it is given up.
    private var generation: UInt64 = 0

    /// - Parameter render: makes the text; is called beside the event loop, never twice at once.
    public init(eventLoop: any EventLoop, limits: Limits = Limits(), render: @escaping @Sendable () async -> ByteBuffer)
    {
        self.eventLoop = eventLoop
        self.limits = limits
        text = RenderedMetrics(freshness: .nanoseconds(limits.freshness.nanoseconds), render: render)
    }

    /// Where it listens; `nil`: nowhere.
    public var localAddress: SocketAddress? { channel?.localAddress }

    /// Listens there, and nowhere else any more. Port 0: one that the kernel chooses.
    public func listen(on address: IPAddress, port: UInt16) -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        stop()
        let server = NIOLoopBound(self, eventLoop: eventLoop)
        let begun = generation
        let place: SocketAddress
        do {
            place = try SocketAddress(ipAddress: "\(address)", port: Int(port))
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.serve(channel) }
            }
            .bind(to: place).map { channel in
                guard server.value.generation == begun else { return channel.close(promise: nil) }
                server.value.channel = channel
            }
    }

    /// Listens no more and ends all connections.
    public func stop() {
        eventLoop.preconditionInEventLoop()
        generation += 1
        channel?.close(promise: nil)
        channel = nil
        for connection in connections.values { connection.channel.close(promise: nil) }
        connections = [:]
    }

    private func serve(_ channel: any Channel) throws {
        if connections.count >= limits.connections { try makeRoom() }
        let identifier = ObjectIdentifier(channel)
        let server = NIOLoopBound(self, eventLoop: eventLoop)
        connectionsTaken += 1
        connections[identifier] = Connection(channel: channel, number: connectionsTaken)
        let deadline = eventLoop.scheduleTask(in: limits.connectionTime) { channel.close(promise: nil) }
        let requestDeadline = eventLoop.scheduleTask(in: limits.requestTime) {
            if server.value.connections[identifier]?.hasAsked == false { channel.close(promise: nil) }
        }
        channel.closeFuture.whenComplete { _ in
            deadline.cancel()
            requestDeadline.cancel()
            server.value.connections[identifier] = nil
        }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
        try pipeline.addHandler(
            MetricsRequestHandler(text) { server.value.connections[identifier]?.hasAsked = true })
    }

    /// Whoever holds connections without asking keeps nobody out who asks.
    private func makeRoom() throws {
        let silent = connections.filter { !$0.value.hasAsked }.min { $0.value.number < $1.value.number }
        guard let silent else { throw TooManyConnections() }
        connections[silent.key] = nil
        silent.value.channel.close(promise: nil)
    }

    private struct Connection {
        let channel: any Channel
        let number: UInt64
        var hasAsked = false
    }

    private struct TooManyConnections: Error {}
}

/// The text that was made last, or is being made.
actor RenderedMetrics {
    private let freshness: Duration
    private let render: @Sendable () async -> ByteBuffer
    private var current: Task<ByteBuffer, Never>?

    init(freshness: Duration, render: @escaping @Sendable () async -> ByteBuffer) {
        self.freshness = freshness
        self.render = render
    }

    func text() async -> ByteBuffer {
        if let current { return await current.value }
        let task = Task { await render() }
        current = task
        let text = await task.value
        // It is kept no longer than anybody is given it: of a large box it is large.
        Task {
            try? await Task.sleep(for: freshness)
            current = nil
        }
        return text
    }
}
