import Addressing
import NIOCore
import NIOPosix

/// Sends flow records to one collector over UDP or TCP.
///
/// Bound to its event loop: everything here happens on it. Flows that come while the collector cannot be reached, or
/// does not read fast enough, wait up to a bound; what comes beyond is lost and counted.
public final class FlowExporter {
    /// Most flows that wait.
    public static let longestBacklog = 65_536
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let retryDelays: [Duration] = [1, 2, 5, 10, 30].map { .seconds($0) }
    /// Octets in the socket's queue above which flows wait here.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 18, high: 1 << 20)

    public let settings: CollectorSettings
    public private(set) var counters = ExporterCounters()
    /// Why the last attempt failed; `nil` while all is well.
    public private(set) var problem: String?
    public var isReady: Bool { channel?.isActive ?? false }
    /// Flows that wait for the collector.
    public var waitingFlows: Int { backlog.count }

    private let eventLoop: any EventLoop
    private let remote: SocketAddress?
    private var names: ObservedNames
    private var session: ExportSession
    private var backlog: [MeteredFlow] = []
    private var channel: (any Channel)?
    private var isConnecting = false
    private var isStopped = false
    private var failures = 0
    private var nextAttempt: Duration?

    public init(settings: CollectorSettings, names: ObservedNames, eventLoop: any EventLoop) {
        self.settings = settings
        self.names = names
        self.eventLoop = eventLoop
        remote = try? SocketAddress(ipAddress: "\(settings.destination)", port: Int(settings.port))
        session = Self.session(settings, names)
    }

    private static func session(_ settings: CollectorSettings, _ names: ObservedNames) -> ExportSession {
        let interval: UInt32? =
            switch settings.transport {
            case .udp(let templateIntervalSeconds): templateIntervalSeconds
            case .tcp: nil
            }
        return ExportSession(
            observationDomain: settings.observationDomain, templateIntervalSeconds: interval, names: names)
    }

    /// Counts from zero again.
    public func clearCounters() { counters = ExporterCounters() }

    // MARK: Sending

    /// Sends flows, or keeps them until they can be sent.
    ///
    /// - Parameter exportSeconds: UTC, for the messages' headers.
    public func send(_ flows: [MeteredFlow], exportSeconds: UInt32) {
        let room = max(0, Self.longestBacklog - backlog.count)
        backlog += flows.prefix(room)
        counters.lostFlows &+= UInt64(max(0, flows.count - room))
        sendBacklog(exportSeconds)
    }

    /// Takes up the names of what is observed.
    public func setNames(_ names: ObservedNames, exportSeconds: UInt32) {
        self.names = names
        write(session.setNames(names, exportSeconds: exportSeconds))
    }

    /// To be called several times a second: connects when it is time, and sends what waits.
    ///
    /// - Parameter now: of a clock that only goes forward.
    public func advance(now: Duration, exportSeconds: UInt32) {
        guard isReady else {
            if nextAttempt.map({ $0 <= now }) ?? true { connect(now: now) }
            return
        }
        sendBacklog(exportSeconds)
        guard backlog.isEmpty else { return }
        write(session.flush(exportSeconds: exportSeconds))
    }

    /// Sends what waits, as far as it can be sent now, and closes. The rest counts as lost.
    public func stop(exportSeconds: UInt32) -> EventLoopFuture<Void> {
        isStopped = true
        sendBacklog(exportSeconds)
        write(session.flush(exportSeconds: exportSeconds))
        counters.lostFlows &+= UInt64(backlog.count)
        backlog = []
        guard let channel else { return eventLoop.makeSucceededVoidFuture() }
        self.channel = nil
        // A stream's last octets are behind this one's promise; a socket of datagrams has sent them.
        guard case .tcp = settings.transport else { return channel.close() }
        return channel.writeAndFlush(ByteBuffer()).flatMap { channel.close() }
    }

    private func sendBacklog(_ exportSeconds: UInt32) {
        guard let channel, channel.isActive else { return }
        var sent = 0
        while sent < backlog.count, channel.isWritable {
            write(session.add(backlog[sent], exportSeconds: exportSeconds))
            sent += 1
        }
        backlog.removeFirst(sent)
    }

    private func write(_ messages: [ExportMessage]) {
        guard !messages.isEmpty else { return }
        guard let channel, channel.isActive else {
            for message in messages { lose(message) }
            return
        }
        for message in messages {
            let octets = channel.allocator.buffer(bytes: message.octets)
            let written: EventLoopFuture<Void>
            if case .udp = settings.transport, let remote {
                written = channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: octets))
            } else {
                written = channel.writeAndFlush(octets)
            }
            written.assumeIsolated().whenComplete { result in
                switch result {
                case .success:
                    self.counters.messages &+= 1
                    self.counters.octets &+= UInt64(message.octets.count)
                    self.counters.flows &+= UInt64(message.flows)
                case .failure(let error):
                    self.problem = "\(error)"
                    self.lose(message)
                }
            }
        }
    }

    private func lose(_ message: ExportMessage) {
        counters.sendErrors &+= 1
        counters.lostFlows &+= UInt64(message.flows)
    }

    // MARK: Connecting

    private func connect(now: Duration) {
        guard !isConnecting, !isStopped else { return }
        guard let remote else {
            problem = "the destination is no address"
            return
        }
        isConnecting = true
        nextAttempt = now + Self.retryDelays[min(failures, Self.retryDelays.count - 1)]
        open(to: remote).assumeIsolated().whenComplete { result in
            self.isConnecting = false
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error): self.failed("\(error)")
            }
        }
    }

    private func open(to remote: SocketAddress) -> EventLoopFuture<any Channel> {
        do {
            let local = try settings.source.map { try SocketAddress(ipAddress: "\($0)", port: 0) }
            switch settings.transport {
            case .udp:
                let wildcard = settings.destination.family == .ipv4 ? "0.0.0.0" : "::"
                return DatagramBootstrap(group: eventLoop)
                    .channelOption(.writeBufferWaterMark, value: Self.waterMark)
                    .bind(to: try local ?? SocketAddress(ipAddress: wildcard, port: 0))
            case .tcp:
                let bootstrap = ClientBootstrap(group: eventLoop)
                    .channelOption(.writeBufferWaterMark, value: Self.waterMark)
                    .connectTimeout(Self.connectTimeout)
                return (local.map { bootstrap.bind(to: $0) } ?? bootstrap).connect(to: remote)
            }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    /// A new session: the collector knows neither templates nor a sequence number.
    private func connected(_ channel: any Channel) {
        guard !isStopped else {
            channel.close(promise: nil)
            return
        }
        failures = 0
        problem = nil
        self.channel = channel
        session = Self.session(settings, names)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            guard self.channel === channel else { return }
            self.channel = nil
            self.failed("the connection has ended")
        }
    }

    private func failed(_ reason: String) {
        problem = reason
        failures += 1
        counters.connectionFailures &+= 1
    }
}
