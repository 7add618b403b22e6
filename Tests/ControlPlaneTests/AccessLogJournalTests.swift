import Addressing
import Configuration
import ControlPlane
import Testing

/// When a flow that an access list logs is a line, and with how many packets.
@Suite struct AccessLogJournalTests {
    private typealias Line = AccessLogJournal.Line

    private static let longAgo = Duration.seconds(1_000)

    private static func flow(
        _ port: UInt16 = 1_000, list: String = "probe", family: AddressFamily = .ipv4
    ) -> LoggedFlow {
        let ends =
            family == .ipv4 ? ("10.1.0.2", "10.2.0.2") : ("2001:db8:1::2", "2001:db8:2::2")
        return LoggedFlow(
            entry: LoggedEntry(family: family, list: list, kind: .extended, sequence: 10, permits: false),
            direction: .input, interface: 3, protocolNumber: 17, source: IPAddress(ends.0)!,
            destination: IPAddress(ends.1)!, sourcePort: port, destinationPort: 53)
    }

    @Test func `the first packet is a line at once and the others one line after five minutes`() {
        var journal = AccessLogJournal()
        let flow = Self.flow()
        #expect(journal.add(3, of: flow, now: Self.longAgo) == [Line(flow: flow, packets: 1)])
        #expect(journal.add(4, of: flow, now: Self.longAgo + .seconds(100)) == [])
        #expect(journal.advance(now: Self.longAgo + .seconds(299)) == [])
        #expect(journal.advance(now: Self.longAgo + .seconds(300)) == [Line(flow: flow, packets: 6)])
        #expect(journal.add(1, of: flow, now: Self.longAgo + .seconds(301)) == [])
        #expect(journal.advance(now: Self.longAgo + .seconds(600)) == [Line(flow: flow, packets: 1)])
        // A quiet interval, and the flow is a new one.
        #expect(journal.advance(now: Self.longAgo + .seconds(900)) == [])
        #expect(journal.add(1, of: flow, now: Self.longAgo + .seconds(901)) == [Line(flow: flow, packets: 1)])
        #expect(journal.missedPackets == 0)
    }

    @Test func `a threshold is a line before the time has come, of its family`() {
        var journal = AccessLogJournal()
        journal.thresholds = [.ipv4: 10]
        let flow = Self.flow()
        let other = Self.flow(family: .ipv6)
        #expect(journal.add(1, of: flow, now: Self.longAgo) == [Line(flow: flow, packets: 1)])
        #expect(journal.add(1, of: other, now: Self.longAgo) == [Line(flow: other, packets: 1)])
        #expect(journal.add(9, of: flow, now: Self.longAgo) == [])
        #expect(journal.add(3, of: flow, now: Self.longAgo) == [Line(flow: flow, packets: 12)])
        #expect(journal.add(99, of: other, now: Self.longAgo) == [])
        #expect(journal.end() == [Line(flow: other, packets: 99)])
    }

    /// Ten times as many flows as a list may log: what is left out is counted, and another list says what it has to.
    @Test func `a flood is counted and hides no other list`() {
        var journal = AccessLogJournal()
        let burst = AccessLogJournal.burstLines
        var lines = 0
        for port in 0..<UInt16(burst * 10) {
            lines += journal.add(2, of: Self.flow(port), now: Self.longAgo).count
        }
        #expect(lines == burst)
        #expect(journal.missedPackets == UInt64(burst * 9 * 2))
        let other = Self.flow(list: "other")
        #expect(journal.add(1, of: other, now: Self.longAgo) == [Line(flow: other, packets: 1)])
        // Ten seconds later there is room for some more.
        let later = Self.longAgo + .seconds(10)
        let more = (0..<UInt16(burst)).reduce(0) { $0 + journal.add(1, of: Self.flow(10_000 + $1), now: later).count }
        #expect(more == AccessLogJournal.linesPerSecond * 10)
        // No packet is lost between the lines and the count.
        let rest = journal.end().reduce(0) { $0 + $1.packets }
        #expect(UInt64(lines + 1 + more) + rest + journal.missedPackets == UInt64(burst * 10 * 2 + 1 + burst))
    }

    @Test func `thresholds come to as many lines as a list may have`() {
        var journal = AccessLogJournal()
        journal.thresholds = [.ipv4: 1]
        let flow = Self.flow()
        var packets: UInt64 = 0
        var lines = 0
        for _ in 0..<1_000 {
            for line in journal.add(1, of: flow, now: Self.longAgo) {
                packets += line.packets
                lines += 1
            }
        }
        #expect(lines == AccessLogJournal.burstLines)
        #expect(packets + journal.end().reduce(0) { $0 + $1.packets } == 1_000)
    }

    @Test(arguments: [
        (AddressFamily.ipv4, AccessListKind.extended, UInt8(6), "list probe denied tcp 10.1.0.2(1000) -> 10.2.0.2(53)"),
        (.ipv4, .extended, 1, "list probe denied icmp 10.1.0.2 -> 10.2.0.2 (0/53)"),
        (.ipv4, .extended, 47, "list probe denied gre 10.1.0.2 -> 10.2.0.2"),
        (.ipv4, .extended, 200, "list probe denied 200 10.1.0.2 -> 10.2.0.2"),
        (.ipv4, .standard, 17, "list probe denied 10.1.0.2"),
        (.ipv6, .extended, 17, "list probe denied udp 2001:db8:1::2(1000) -> 2001:db8:2::2(53)"),
        (.ipv6, .extended, 58, "list probe denied icmp 2001:db8:1::2 -> 2001:db8:2::2 (0/53)"),
    ])
    func words(family: AddressFamily, kind: AccessListKind, protocolNumber: UInt8, text: String) {
        let plain = Self.flow(family: family)
        let flow = LoggedFlow(
            entry: LoggedEntry(family: family, list: "probe", kind: kind, sequence: 10, permits: false),
            direction: .input, interface: 3, protocolNumber: protocolNumber, source: plain.source,
            destination: plain.destination, sourcePort: 1_000, destinationPort: 53)
        #expect(flow.description == text)
    }
}
