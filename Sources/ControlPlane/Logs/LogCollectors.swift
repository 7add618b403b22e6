import Configuration
import Glibc
import LogDelivery
import Logging
import NIOCore
import SyslogExport

/// The collectors of syslog that are configured. What stands in their way is said once, until they are reached again.
final class LogCollectors {
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var collectors: [SyslogDestination: SyslogCollector] = [:]
    /// Those of which the log says that they cannot be reached.
    private var unreachable: Set<SyslogDestination> = []
    private var host = ""

    init(eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// Takes every further line of a book.
    func follow(_ book: LogBook) {
        let collectors = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = eventLoop
        // Not at once: a line may be one of a collector's own.
        book.passOn { record in eventLoop.execute { collectors.value.send(record) } }
    }

    /// Brings the collectors to the configuration; one that stays keeps its connection.
    func apply(_ configuration: Configuration, host: String) {
        self.host = host
        let wanted = Set(configuration.logCollectors.map(\.destination))
        for (destination, collector) in collectors where !wanted.contains(destination) {
            _ = collector.stop()
            collectors[destination] = nil
            unreachable.remove(destination)
        }
        for destination in wanted where collectors[destination] == nil {
            collectors[destination] = SyslogCollector(destination, process: getpid(), eventLoop: eventLoop) {
                [weak self] in self?.note($0, of: destination)
            }
        }
    }

    /// To be called once a second; `now` is of a clock that only goes forward.
    func advance(now: Duration) {
        for collector in collectors.values { collector.advance(now: now) }
    }

    func stop() {
        for collector in collectors.values { _ = collector.stop() }
        collectors = [:]
    }

    private func send(_ record: LogRecord) {
        for collector in collectors.values { collector.send(record, host: host) }
    }

    private func note(_ event: SyslogCollector.Event, of destination: SyslogDestination) {
        let place: Logger.Metadata = ["collector": "\(destination.address)", "port": "\(destination.port)"]
        switch event {
        case .connected:
            guard unreachable.remove(destination) != nil else { return }
            let lost = collectors[destination]?.lostLines ?? 0
            logger.notice(
                "a collector of the log is reached again",
                metadata: place.merging(["lost_lines": "\(lost)"]) { $1 })
        case .failed(let reason):
            guard unreachable.insert(destination).inserted else { return }
            logger.warning(
                "a collector of the log cannot be reached: the last lines wait for it",
                metadata: place.merging(["reason": "\(reason)"]) { $1 })
        }
    }
}

extension LogCollectorSettings {
    fileprivate var destination: SyslogDestination {
        SyslogDestination(address: address, port: port, transport: transport == .tcp ? .tcp : .udp)
    }
}
