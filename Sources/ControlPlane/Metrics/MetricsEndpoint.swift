import Configuration
import ControlProtocol
import Logging
import MetricsExposition
import NIOCore

/// Where a Prometheus server reads the box's counters, as the configuration says.
final class MetricsEndpoint {
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var server: MetricsServer?
    private var settings: MetricsSettings?
    private var isBinding = false
    private var bindFailure: String?

    init(eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// - Parameter render: makes the text that is served.
    func open(_ render: @escaping @Sendable () async -> ByteBuffer) {
        server = MetricsServer(eventLoop: eventLoop, render: render)
    }

    /// Listens as the configuration says; the same settings change nothing.
    func follow(_ new: MetricsSettings?) {
        guard settings != new else { return }
        settings = new
        bindFailure = nil
        guard new != nil else { return stop() }
        listen()
    }

    /// To be called once a second: an address may come later than the configuration, and a port may be another's for a while.
    func advance() {
        if settings != nil, server?.localAddress == nil { listen() }
    }

    /// For the alarms.
    var findings: [Alarm.Kind: StandingAlarms.Finding] {
        guard let settings, bindFailure != nil else { return [:] }
        return [.metricsNotServed: .init(count: 1, subjects: ["\(settings.address) port \(settings.port)"])]
    }

    func stop() { server?.stop() }

    private func listen() {
        guard let server, let settings, !isBinding else { return }
        isBinding = true
        let endpoint = NIOLoopBound(self, eventLoop: eventLoop)
        server.listen(on: settings.address, port: settings.port).whenComplete {
            endpoint.value.hasBound(settings, $0)
        }
    }

    private func hasBound(_ bound: MetricsSettings, _ result: Result<Void, any Error>) {
        isBinding = false
        // The configuration may have changed meanwhile.
        guard settings == bound else { return settings == nil ? stop() : listen() }
        let place: Logger.Metadata = ["address": "\(bound.address)", "port": "\(bound.port)"]
        switch result {
        case .success:
            bindFailure = nil
            logger.info("metrics are served", metadata: place)
        case .failure(let error):
            guard bindFailure != "\(error)" else { return }
            bindFailure = "\(error)"
            logger.warning(
                "metrics cannot be served; it is tried again every second",
                metadata: place.merging(["error": "\(error)"]) { $1 })
        }
    }
}
