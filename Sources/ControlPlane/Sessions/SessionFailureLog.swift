import Addressing
import Configuration
import Logging

/// Attempts at a session that were in vain, for the log: a line when the reason is another one than before, and one every
/// ten minutes while it stays. Reasons hold what neighbors say, so few are remembered of each.
package struct SessionFailureLog {
    package init() {}

    private static let interval = Duration.seconds(600)
    private static let mostReasons = 4

    private struct Record {
        var silentUntil: Duration
        var unreported: UInt64 = 0
    }

    private var records: [PeerAddress: [String: Record]] = [:]

    /// - Parameter obstacle: what stands in the way as far as is known, besides the reason.
    package mutating func add(
        _ reason: String, obstacle: String?, of neighbor: PeerAddress, named name: NeighborName, now: Duration,
        to logger: Logger
    ) {
        var reasons = records[neighbor] ?? [:]
        if reasons[reason] == nil, reasons.count >= Self.mostReasons {
            reasons = reasons.filter { now < $0.value.silentUntil }
            // More causes than one can read: they are told again when one of those that were told has become old.
            guard reasons.count < Self.mostReasons else { return }
        }
        defer { records[neighbor] = reasons }
        if let record = reasons[reason], now < record.silentUntil {
            reasons[reason]?.unreported += 1
            return
        }
        let attempts = (reasons[reason]?.unreported ?? 0) + 1
        reasons[reason] = Record(silentUntil: now + Self.interval)
        var metadata: Logger.Metadata = [
            "neighbor": "\(name)", "reason": "\(reason)", "attempts": "\(attempts)",
        ]
        if let obstacle { metadata["obstacle"] = "\(obstacle)" }
        logger.warning("BGP session does not come up", metadata: metadata)
    }

    /// The session has come up, or its neighbor is gone: the next failure is news.
    package mutating func forget(_ neighbor: PeerAddress) { records[neighbor] = nil }
}
