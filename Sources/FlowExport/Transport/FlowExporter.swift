import Addressing
import NIOCore
import NIOPosix

/// Sends flow records to one collector over UDP or TCP.
///
/// Bound to its event loop: everything here happens on it. Flows that come while the collector cannot be reached, or
/// does not read fast enough, wait up to a bound; what comes beyond is lost and counted.
public final class FlowExporter {
    /// Most flows that wait: some 10 MB.
    public static let longestBacklog = 65_536
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let retryDelays: [TimeAmount] = [.seconds(1), .seconds(2), .seconds(5), .seconds(10), .seconds(30)]

    public let settings: CollectorSettings
    public private(set) var counters = ExporterCounters()
    /// Why the last attempt failed; `nil` while all is well.
    public private(set) var problem: String?
    public private(set) var backlog: [MeteredFlow] = []
    public var isReady: Bool { channel?.isActive ?? false }

    private let eventLoop: any EventLoop
    private let secondsSince1970: () -> UInt32
    private var names: ObservedNames
    private var session: ExportSession
    private var channel: (any Channel)?
    private var failures = 0
    private var isClosed = false
    private var flush: RepeatedTask?

    /// - Parameter secondsSince1970: UTC, for the messages' headers.
    public init(
        settings: CollectorSettings, names: ObservedNames, eventLoop: any EventLoop,
        secondsSince1970: @escaping () -> UInt32
    ) {
        self.settings = settings
        self.names = names
        self.eventLoop = eventLoop
        self.secondsSince1970 = secondsSince1970
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

    // MARK: Life

    /// Opens the socket, and begins to send once a second what waits.
    public func start() {
        connect()
        let reference = NIOLoopBound(WeakExporter(self), eventLoop: eventLoop)
        flush = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            reference.value.exporter?.sendWaiting()
        }
    }

    /// Sends what waits, as far as it can be sent now, and closes. What is left counts as lost.
    public func stop() -> EventLoopFuture<Void> {
        isClosed = true
        flush?.cancel()
        sendWaiting()
        counters.lostFlows &+= UInt64(backlog.count)
        backlog = []
        guard let channel else { return eventLoop.makeSucceededVoidFuture() }
        self.channel = nil
        // Writes that are under way come before the close.
        return channel.writeAndFlush(ByteBuffer()).flatMapError { _ in self.eventLoopVoid() }
            .flatMap { channel.close() }.flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }
    }

    private func connect() {}
    private func eventLoopVoid() -> EventLoopFuture<Void> { eventLoop.makeSucceededVoidFuture() }
    private func sendWaiting() {}
}

private struct WeakExporter {
    weak var exporter: FlowExporter?
    init(_ exporter: FlowExporter) { self.exporter = exporter }
}
