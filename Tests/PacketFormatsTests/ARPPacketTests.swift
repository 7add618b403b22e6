import Addressing
import PacketFormats
import Testing

@Suite struct ARPPacketTests {
    /// RFC 826: who has 10.1.0.1, tell 10.1.0.2.
    private let request: [UInt8] = [
        0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 1, 41, 10, 1, 0, 2, 0, 0, 0, 0, 0, 0, 10, 1, 0, 1,
    ]

    @Test func requestIsReadAndWritten() throws {
        let packet = try #require(ARPPacket(parsing: request + [UInt8](repeating: 0, count: 18)))
        #expect(packet.operation == .request)
        #expect(packet.senderMAC == MACAddress("02:00:00:00:01:29"))
        #expect(packet.senderAddress == IPv4Address("10.1.0.2"))
        #expect(packet.targetAddress == IPv4Address("10.1.0.1"))
        #expect(packet.octets == request)
    }

    @Test func replyTurnsTheAddressesRound() throws {
        let own = try #require(MACAddress("02:00:00:00:00:02"))
        let reply = try #require(ARPPacket(parsing: request)).reply(from: own)
        #expect(
            reply.octets == [
                0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 2, 10, 1, 0, 1, 2, 0, 0, 0, 1, 41, 10, 1, 0, 2,
            ])
        #expect(ARPPacket(parsing: reply.octets) == reply)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7])
    func otherHardwareProtocolOrOperationIsRefused(offset: Int) {
        var octets = request
        octets[offset] ^= 0x40
        #expect(ARPPacket(parsing: octets) == nil)
    }

    @Test func everyShorterPacketIsRefused() {
        for count in 0..<request.count { #expect(ARPPacket(parsing: request.prefix(count)) == nil) }
    }
}
