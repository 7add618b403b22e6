import PacketFormats
import Testing

@Suite struct IPv6UpperLayerTests {
    private func walk(_ nextHeader: UInt8, _ payload: [UInt8], count: Int? = nil) throws -> IPv6UpperLayer {
        let packet: [UInt8] = [0x60, 0, 0, 0, 0, 0, nextHeader, 64] + [UInt8](repeating: 0, count: 32) + payload
        return try packet.withUnsafeBytes {
            IPv6UpperLayer(of: try #require($0.baseAddress), packetBytes: count ?? packet.count)
        }
    }

    private let options: [UInt8] = [0, 0, 0, 0, 0, 0]

    @Test func noExtensionHeaders() throws {
        let upper = try walk(IPProtocol.udp, [])
        #expect(upper.protocolNumber == IPProtocol.udp)
        #expect(upper.offset == 40)
        #expect(upper.isComplete)
    }

    @Test func chainOfAllKinds() throws {
        let chain: [UInt8] =
            [43, 0] + options + [60, 0] + options + [51, 1] + options + [UInt8](repeating: 0, count: 8)
            + [44, 4] + options + [UInt8](repeating: 0, count: 16) + [58, 0, 0, 0, 0, 0, 0, 0] + [135, 0, 0, 0]
        let upper = try walk(IPProtocol.hopByHopOptions, chain)
        #expect(upper.protocolNumber == IPProtocol.icmpv6)
        #expect(upper.offset == 40 + 8 + 8 + 16 + 24 + 8)
        #expect(upper.isComplete)
        #expect(!upper.isNonInitialFragment)
    }

    @Test func laterFragmentIsNotRead() throws {
        let upper = try walk(IPProtocol.fragmentHeader, [58, 0, 0, 8, 0, 0, 0, 0, 135])
        #expect(upper.isNonInitialFragment)
        #expect(!upper.isComplete)
    }

    @Test(
        arguments: [
            (0, [17, 0, 0, 0, 0, 0, 0]), (0, [17, 1, 0, 0, 0, 0, 0, 0]), (44, [17, 0, 0]),
            (51, [17, 0, 0, 0, 0, 0, 0]),
            (51, [17, 255, 0, 0, 0, 0, 0, 0]), (60, [60, 255, 0, 0, 0, 0, 0, 0]),
        ] as [(UInt8, [UInt8])])
    func chainThatLeavesThePacketIsIncomplete(nextHeader: UInt8, payload: [UInt8]) throws {
        #expect(try !walk(nextHeader, payload).isComplete)
    }

    @Test func everyPrefixOfAChainEnds() throws {
        let chain = [[UInt8]](repeating: [60, 0] + options, count: 20).flatMap { $0 }
        for count in 0...chain.count {
            #expect(try !walk(60, Array(chain.prefix(count))).isComplete)
        }
    }
}
