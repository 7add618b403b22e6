import ControlProtocol
import ForwardingTables

/// From an interface's counters to what a customer is charged for: received and forwarded, and sent but for what the box
/// itself made.
///
/// The data plane counts a burst as received after it has counted some of it as kept. What is told must never fall: a
/// lower number than the last one stands for that one, until the counters begin anew.
struct InterfaceAccounts {
    private struct Entry {
        var counters: InterfaceCounters
        var received: TrafficCount
        var sent: TrafficCount
    }

    private var told: [UInt16: Entry] = [:]

    init() {}

    mutating func account(
        of number: UInt16, _ counters: InterfaceCounters
    ) -> (received: TrafficCount, sent: TrafficCount) {
        var entry = Entry(
            counters: counters,
            received: Self.difference(
                counters.rxPackets, counters.rxBytes, counters.rxKeptPackets, counters.rxKeptBytes),
            sent: Self.difference(counters.txPackets, counters.txBytes, counters.txOwnPackets, counters.txOwnBytes))
        if let last = told[number], last.counters.rxPackets <= counters.rxPackets,
            last.counters.txPackets <= counters.txPackets
        {
            entry.received = Self.higher(entry.received, last.received)
            entry.sent = Self.higher(entry.sent, last.sent)
        }
        told[number] = entry
        return (entry.received, entry.sent)
    }

    private static func difference(
        _ packets: UInt64, _ bytes: UInt64, _ otherPackets: UInt64, _ otherBytes: UInt64
    ) -> TrafficCount {
        TrafficCount(packets: packets - min(packets, otherPackets), bytes: bytes - min(bytes, otherBytes))
    }

    private static func higher(_ one: TrafficCount, _ other: TrafficCount) -> TrafficCount {
        TrafficCount(packets: max(one.packets, other.packets), bytes: max(one.bytes, other.bytes))
    }
}
