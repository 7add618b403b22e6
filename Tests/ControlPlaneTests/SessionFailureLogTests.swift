import Addressing
import Configuration
import ControlPlane
import Logging
import Synchronization
import Testing

/// Why sessions do not come up, as lines of the log.
@Suite struct SessionFailureLogTests {
    private static let neighbor = PeerAddress(.ipv4(IPv4Address(192, 0, 2, 2)))
    private static let name = NeighborName(address: neighbor.address)

    @Test func `a reason is told once, when another comes, and every ten minutes`() {
        let lines = LogLines()
        var log = SessionFailureLog()
        func fail(_ reason: String, at seconds: Int) {
            log.add(
                reason, obstacle: nil, of: Self.neighbor, named: Self.name, now: .seconds(seconds), to: lines.logger)
        }
        fail("no answer", at: 0)
        for seconds in 1..<600 { fail("no answer", at: seconds) }
        #expect(lines.reasons == ["no answer"])
        fail("wrong AS", at: 599)
        fail("no answer", at: 600)
        #expect(lines.reasons == ["no answer", "wrong AS", "no answer"])
        #expect(lines.attempts == ["1", "1", "600"])
        log.forget(Self.neighbor)
        fail("no answer", at: 601)
        #expect(lines.reasons.count == 4)
    }

    @Test func `a neighbor with ever new reasons does not fill the log`() {
        let lines = LogLines()
        var log = SessionFailureLog()
        for number in 0..<1000 {
            log.add(
                "said \(number)", obstacle: nil, of: Self.neighbor, named: Self.name, now: .seconds(1), to: lines.logger
            )
        }
        #expect(lines.reasons == ["said 0", "said 1", "said 2", "said 3"])
    }
}

/// What is written to a log.
private final class LogLines: Sendable {
    private let metadata = Mutex<[Logger.Metadata]>([])

    var reasons: [String] { metadata.withLock { $0.compactMap { $0["reason"]?.description } } }
    var attempts: [String] { metadata.withLock { $0.compactMap { $0["attempts"]?.description } } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    fileprivate func add(_ line: Logger.Metadata) { metadata.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.trace
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event.metadata ?? [:]) }
    }
}
