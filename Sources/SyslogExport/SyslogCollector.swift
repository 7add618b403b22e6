import Addressing
import LogDelivery
import NIOCore
import NIOPosix

/// Where a collector of syslog is.
public struct SyslogDestination: Hashable, Sendable {
    public enum Transport: Hashable, Sendable {
        /// A datagram for each line (RFC 5426).
        case udp
        /// A stream with counted octets (RFC 6587 §3.4.1).
        case tcp
    }

    public let address: IPAddress
    public let port: UInt16
    public let transport: Transport

    public init(address: IPAddress, port: UInt16, transport: Transport) {
        self.address = address
        self.port = port
        self.transport = transport
    }
}

/// Sends lines of the log to one collector.
///
/// Bound to its event loop: everything here happens on it. Lines that come while the collector cannot be reached, or does not
/// read fast enough, wait up to a bound; what comes beyond is lost and counted.
public final class SyslogCollector {
    public enum Event: Sendable {
        /// It has been connected for a while.
        case connected
        case failed(String)
    }

    /// Most lines that wait.
    public static let longestBacklog = 1000
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let retryDelay = Duration.seconds(5)
    private static let steadyTime = Duration.seconds(3)
    /// Octets in the socket's queue above which lines wait here.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 16, high: 1 << 18)

    public let destination: SyslogDestination
    /// Lines that found no room to wait, since the collector was last connected.
    public private(set) var lostLines: UInt64 = 0
    public var waitingLines: Int { backlog.count }

    private let eventLoop: any EventLoop
    private let process: Int32
    private let remote: SocketAddress?
    private let onEvent: (Event) -> Void
    private var backlog: [[UInt8]] = []
    private var channel: (any Channel)?
    private var isConnecting = false
    private var isStopped = false
    private var nextAttempt: Duration?
    private var connectedSince: Duration?
    private var isSteady = false

    /// - Parameter onEvent: is called on the event loop.
    public init(
        _ destination: SyslogDestination, process: Int32, eventLoop: any EventLoop, onEvent: @escaping (Event) -> Void
    ) {
        self.destination = destination
        self.process = process
        remote = try? SocketAddress(ipAddress: "\(destination.address)", port: Int(destination.port))
        self.eventLoop = eventLoop
        self.onEvent = onEvent
    }

    /// Sends a line, or keeps it until it can be sent.
    public func send(_ record: LogRecord, host: String) {
        // The last ones say what is the matter now.
        if backlog.count >= Self.longestBacklog {
            backlog.removeFirst()
            lostLines += 1
        }
        switch destination.transport {
        case .udp:
            let message = SyslogMessage(
                record, host: host, program: "stiled", process: process, longest: SyslogMessage.longestDatagram)
            backlog.append(message.octets)
        case .tcp:
            backlog.append(SyslogMessage(record, host: host, program: "stiled", process: process).framed)
        }
        sendBacklog()
    }

    /// To be called once a second: connects when it is time, and sends what waits.
    /// - Parameter now: of a clock that only goes forward.
    public func advance(now: Duration) {
        guard channel == nil else {
            sendBacklog()
            return noteSteadiness(now: now)
        }
        if nextAttempt.map({ $0 <= now }) ?? true { connect(now: now) }
    }

    /// Sends what can be sent now, and closes.
    public func stop() -> EventLoopFuture<Void> {
        isStopped = true
        sendBacklog()
        backlog = []
        guard let channel else { return eventLoop.makeSucceededVoidFuture() }
        self.channel = nil
        guard destination.transport == .tcp else { return channel.close() }
        return channel.writeAndFlush(ByteBuffer()).flatMap { channel.close() }
    }

    private func sendBacklog() {
        guard let channel, let remote, channel.isActive else { return }
        var sent = 0
        while sent < backlog.count, channel.isWritable {
            let octets = ByteBuffer(bytes: backlog[sent])
            switch destination.transport {
            case .udp: channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: octets), promise: nil)
            case .tcp: channel.writeAndFlush(octets, promise: nil)
            }
            sent += 1
        }
        backlog.removeFirst(sent)
    }

    /// A collector that takes connections and ends them at once is not there.
    private func noteSteadiness(now: Duration) {
        guard !isSteady else { return }
        let since = connectedSince ?? now
        connectedSince = since
        guard now - since >= Self.steadyTime else { return }
        isSteady = true
        onEvent(.connected)
        lostLines = 0
    }

    private func connect(now: Duration) {
        guard !isConnecting, !isStopped else { return }
        isConnecting = true
        nextAttempt = now + Self.retryDelay
        open().assumeIsolated().whenComplete { result in
            self.isConnecting = false
            switch result {
            case .success(let channel): self.take(channel)
            case .failure(let error): self.onEvent(.failed("\(error)"))
            }
        }
    }

    private func open() -> EventLoopFuture<any Channel> {
        guard let remote else { return eventLoop.makeFailedFuture(NoAddress()) }
        switch destination.transport {
        case .udp:
            // Not connected: that a port is closed is answered to some datagrams, and is not news each time.
            return DatagramBootstrap(group: eventLoop).channelOption(.writeBufferWaterMark, value: Self.waterMark)
                .bind(host: destination.address.family == .ipv4 ? "0.0.0.0" : "::", port: 0)
        case .tcp:
            return ClientBootstrap(group: eventLoop).channelOption(.writeBufferWaterMark, value: Self.waterMark)
                .connectTimeout(Self.connectTimeout).connect(to: remote)
        }
    }

    private struct NoAddress: Error {}

    private func take(_ new: any Channel) {
        guard !isStopped else { return new.close(promise: nil) }
        channel = new
        connectedSince = nil
        isSteady = false
        new.closeFuture.assumeIsolated().whenComplete { _ in
            guard self.channel === new else { return }
            self.channel = nil
            self.onEvent(.failed("the connection has ended"))
        }
        sendBacklog()
    }
}
