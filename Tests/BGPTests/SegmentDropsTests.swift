import Addressing
import BGP
import Testing

/// What the kernel's counters say of a session that does not come up.
@Suite struct SegmentDropsTests {
    private static func netstat(_ counts: [Int]) -> String {
        """
        TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPMinTTLDrop TCPSackShifted
        TcpExt: 9 \(counts[0]) \(counts[1]) \(counts[2]) \(counts[3]) 9
        IpExt: InNoRoutes
        IpExt: 0

        """
    }

    static let cases: [(grown: Int, change: @Sendable (inout NeighborConfiguration) -> Void, text: String?)] = [
        (0, { $0.password = "x" }, "without a TCP-MD5 signature, and a password is configured here"),
        (1, { _ in }, "with a TCP-MD5 signature, and no password is configured here"),
        (2, { $0.password = "x" }, "with a wrong TCP-MD5 signature: the passwords differ"),
        (3, { $0.reach = .timeToLiveSecurity(hops: 1) }, "with a TTL below 255, which ttl-security asks for"),
        // Another neighbor's.
        (0, { _ in }, nil), (1, { $0.password = "x" }, nil), (2, { _ in }, nil), (3, { _ in }, nil),
    ]

    @Test func `what can be this neighbor's is told`() {
        for (grown, change, text) in Self.cases {
            var counts = [5, 6, 7, 8]
            let before = SegmentDrops(netstat: Self.netstat(counts))
            let neighbor = SessionProbe.configuration(change)
            #expect(before.explanation(since: before, of: neighbor) == nil)
            counts[grown] += 1
            let after = SegmentDrops(netstat: Self.netstat(counts))
            #expect(
                after.explanation(since: before, of: neighbor)
                    == text.map { "meanwhile the kernel dropped segments \($0)" })
        }
    }

    @Test func `a kernel without the counters explains nothing`() {
        for text in ["", "TcpExt: A\n", "TcpExt: TCPMD5NotFound\nTcpExt: x\n"] {
            #expect(SegmentDrops(netstat: text) == SegmentDrops(netstat: ""))
        }
    }
}
