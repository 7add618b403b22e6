import CDPDKShim
import CTableLayout
import ForwardingTables
import Glibc
import Logging
import ServiceSupervision

/// The forwarding process: maps the tables, opens the ports, runs the workers, and keeps house until it is told to
/// stop.
public final class DataplaneProcess {
    public struct Options: Sendable {
        /// Where the segments are: shared with stiled.
        public var runtimeDirectory: String
        /// Memory for frames and rings, in MiB.
        public var memoryMegabytes: Int
        /// The operator's own arguments for the EAL.
        public var environmentArguments: [String]

        public init(runtimeDirectory: String, memoryMegabytes: Int, environmentArguments: [String]) {
            self.runtimeDirectory = runtimeDirectory
            self.memoryMegabytes = memoryMegabytes
            self.environmentArguments = environmentArguments
        }
    }

    private let options: Options
    private let logger: Logger
    private let signals: StopSignals
    private let notification = ServiceNotification.fromEnvironment()

    /// Blocks SIGTERM and SIGINT, so it is to be made before any other thread.
    public init(options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
        signals = StopSignals()
    }

    private static let pollMilliseconds = 20
    private static let waitMilliseconds = 200

    /// Runs until SIGTERM or SIGINT.
    /// - Throws: `StartFailure` where it cannot begin.
    public func run() throws(StartFailure) {
        guard let source = try waitForTables() else { return }
        let segment = try openSegment(for: source.tables.reader)
        try startEnvironment()
        segment.header.pointee.tsc_hz = stile_cycles_per_second()

        let ports = PortSet(segment: segment, logger: logger)
        let workers = try WorkerSet(segment: segment, tables: source.tables.reader, logger: logger)
        let housekeeping = Housekeeping(
            source: source, segment: segment, ports: ports, workers: workers, logger: logger)
        try housekeeping.begin(now: Self.now())
        let workerWords = "\(workers.count) worker\(workers.count == 1 ? "" : "s")"
        notification.isReady("forwarding with \(workerWords)")
        logger.info("forwarding by generation \(source.tables.generation) with \(workerWords)")

        var lastWatchdog: UInt64 = 0
        while true {
            if let signal = signals.wait(milliseconds: Self.pollMilliseconds) {
                logger.info("stopping on signal \(signal)")
                break
            }
            let now = Self.now()
            try housekeeping.tick(now: now)
            // The watchdog is fed only while every worker moves.
            if now > lastWatchdog, workers.allHaveMoved() {
                notification.feedWatchdog()
                lastWatchdog = now
            }
        }
        notification.send("STOPPING=1")
        // It holds the mappings that the workers read until they have ended.
        withExtendedLifetime(housekeeping) { workers.stop() }
        housekeeping.stop()
        ports.close(ports.detach(Array(ports.opened.keys), wanted: [:]))
        Environment.stop()
    }

    /// Waits for stiled to publish tables; `nil`: told to stop meanwhile.
    private func waitForTables() throws(StartFailure) -> TablesSource? {
        var lastReason = ""
        while true {
            do throws(SegmentError) {
                return try TablesSource(directory: options.runtimeDirectory, logger: logger)
            } catch {
                // What nobody holds is replaced by the next stiled.
                if case .otherVersion = error, ControlReader.isWriterAlive(directory: options.runtimeDirectory) {
                    throw StartFailure(
                        .otherLayout, error.description, hint: "stiled and stile-dataplane must be of one version")
                }
                let reason = error.description
                if reason != lastReason { logger.info("waiting for the tables of stiled: \(reason)") }
                // Whoever starts it must not wait for the other process, which may be waiting to be configured.
                if lastReason.isEmpty { notification.isReady("waiting for the tables of stiled") }
                lastReason = reason
            }
            notification.feedWatchdog()
            if signals.wait(milliseconds: Self.waitMilliseconds) != nil { return nil }
        }
    }

    private func openSegment(for tables: TablesReader) throws(StartFailure) -> DataplaneSegment {
        do throws(SegmentError) {
            let segment = try DataplaneSegment(
                directory: options.runtimeDirectory, workerCount: WorkerSet.workerCount(of: tables.header.pointee),
                startedSeconds: UInt64(clamping: time(nil)))
            if segment.wasTakenOver { logger.info("counters go on from the data plane before this one") }
            if let replaced = segment.replacedLeftover {
                logger.warning("counters begin at zero: what an earlier data plane left was replaced: \(replaced)")
            }
            return segment
        } catch {
            switch error {
            case .inUse:
                throw StartFailure(.anotherInstance, error.description)
            default:
                throw StartFailure(.runtimeDirectory, error.description)
            }
        }
    }

    private func startEnvironment() throws(StartFailure) {
        let arguments = EnvironmentArguments(
            memoryMegabytes: options.memoryMegabytes, freeHugepageMegabytes: HugepageMemory.freeMegabytes(),
            hasPCI: Environment.hasPCI(), processors: Environment.allowedProcessors(),
            runtimeDirectory: Environment.resolvedPath(options.runtimeDirectory),
            operatorArguments: options.environmentArguments)
        try Environment.start(arguments)
        let memory = arguments.usesHugepages ? "hugepages" : "ordinary pages (no hugepages are free)"
        logger.info("\(Environment.version) with \(options.memoryMegabytes) MiB in \(memory)")
    }

    /// Seconds of a clock that only goes forward.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec)
    }
}
