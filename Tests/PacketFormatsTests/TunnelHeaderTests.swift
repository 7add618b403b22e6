import PacketFormats
import SeededRandom
import Testing

/// What MPLS over UDP needs of headers.
@Suite struct TunnelHeaderTests {
    /// RFC 6040 §4.2, figure 4, with the columns Not-ECT, ECT(0), ECT(1), CE of the outer header; -1: dropped.
    @Test(
        arguments: [(0, [0, 0, 0, -1]), (2, [2, 2, 1, 3]), (1, [1, 1, 1, 3]), (3, [3, 3, 3, 3])]
            as [(UInt8, [Int])])
    func congestionIsMergedByTheStandardsTable(inner: UInt8, row: [Int]) {
        for (outer, wanted) in zip([0, 2, 1, 3] as [UInt8], row) {
            let merged = TunnelCongestion.merged(outer: outer, inner: inner)
            #expect(merged.map { Int($0) } ?? -1 == wanted, "\(outer) outside of \(inner)")
        }
    }

    @Test func congestionIsSetWithoutAnythingElse() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            let field = UInt8(random.below(4))
            var ipv4 = (0..<20).map { _ in random.octet() }
            ipv4[0] = 0x45
            var wanted = ipv4
            wanted[1] = wanted[1] & 0xFC | field
            ipv4.withUnsafeMutableBytes { octets in
                guard let header = octets.baseAddress else { return }
                IPv4Header.storeChecksum(of: header)
                IPv4Header.setCongestion(field, of: header)
            }
            wanted.withUnsafeMutableBytes { if let header = $0.baseAddress { IPv4Header.storeChecksum(of: header) } }
            #expect(ipv4 == wanted)
            var ipv6 = (0..<40).map { _ in random.octet() }
            var wanted6 = ipv6
            wanted6[1] = wanted6[1] & 0xCF | field << 4
            ipv6.withUnsafeMutableBytes {
                if let header = $0.baseAddress { IPv6Header.setCongestion(field, of: header) }
            }
            #expect(ipv6 == wanted6)
        }
    }

    /// RFC 7510 §3: 49152 to 65535, from the upper bits of the hash.
    @Test func portsOfFlowsAreDynamicOnes() {
        var hash = FlowHash(of: [UInt8](repeating: 0, count: 20), isIPv6: false, bytes: 20)
        hash.rawValue = 0
        #expect(UDPHeader.entropyPort(hash) == 49_152)
        hash.rawValue = .max
        #expect(UDPHeader.entropyPort(hash) == 65_535)
        hash.rawValue = 1 << 18
        #expect(UDPHeader.entropyPort(hash) == 49_153)
    }
}
