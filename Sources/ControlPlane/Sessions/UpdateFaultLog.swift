import Addressing
import BGP
import Configuration
import Logging

/// Errors in UPDATEs that sessions survive, for the log (RFC 7606 §6): one line a minute for each neighbor, since a
/// neighbor decides how many there are.
struct UpdateFaultLog {
    private static let interval = Duration.seconds(60)

    private struct Record {
        var silentUntil: Duration
        var unreported: UInt64 = 0
    }

    private var records: [PeerAddress: Record] = [:]

    mutating func add(
        _ fault: UpdateFault, of neighbor: PeerAddress, named name: NeighborName, now: Duration, to logger: Logger
    ) {
        if var record = records[neighbor], now < record.silentUntil {
            record.unreported += 1
            records[neighbor] = record
            return
        }
        let count = (records[neighbor]?.unreported ?? 0) + 1
        records[neighbor] = Record(silentUntil: now + Self.interval)
        logger.warning(
            "errors in received updates",
            metadata: ["neighbor": "\(name)", "count": "\(count)", "last": "\(fault)"])
    }

    mutating func forget(_ neighbor: PeerAddress) { records[neighbor] = nil }
}
