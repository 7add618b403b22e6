import Addressing
import PacketFormats
import SeededRandom
import Testing

@Suite struct NeighborDiscoveryPacketTests {
    private static let linkLocal = IPv6Address(rawValue: 0xFE80_0000_0000_0000_0000_0000_0000_0002)
    private static let target = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0001)
    private static let mac = MACAddress(rawValue: 0x0200_0000_0129)

    /// Built by scapy: IPv6(src="fe80::2", dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt="2001:db8:1::1") /
    /// ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:01:29").
    private static let solicitation: [UInt8] =
        [0x60, 0, 0, 0, 0, 32, 58, 255] + linkLocal.octets + target.solicitedNode.octets
        + [135, 0, 0x4A, 0x37, 0, 0, 0, 0] + target.octets + [1, 1, 2, 0, 0, 0, 1, 0x29]

    @Test func solicitationIsReadAndWritten() throws {
        let packet = try #require(NeighborDiscoveryPacket(parsing: Self.solicitation + [0, 0]))
        #expect(packet.source == Self.linkLocal)
        #expect(packet.message == .neighborSolicitation(target: Self.target, sourceLinkLayerAddress: Self.mac))
        #expect(packet.octets == Self.solicitation)
    }

    @Test(
        arguments: [
            .routerSolicitation(sourceLinkLayerAddress: nil),
            .routerSolicitation(sourceLinkLayerAddress: mac),
            .routerAdvertisement(
                RouterAdvertisement(
                    currentHopLimit: 64, routerLifetimeSeconds: 1800, reachableTimeMilliseconds: 30_000,
                    retransmitTimerMilliseconds: 1_000, sourceLinkLayerAddress: mac)),
            .neighborSolicitation(target: target, sourceLinkLayerAddress: nil),
            .neighborAdvertisement(
                NeighborAdvertisement(
                    target: target, targetLinkLayerAddress: mac, isRouter: true, isSolicited: true,
                    overridesKnownAddress: true)),
            .neighborAdvertisement(
                NeighborAdvertisement(
                    target: target, targetLinkLayerAddress: nil, isRouter: false, isSolicited: true,
                    overridesKnownAddress: false)),
        ] as [NeighborDiscoveryMessage])
    func everyMessageSurvivesTheWire(_ message: NeighborDiscoveryMessage) {
        let packet = NeighborDiscoveryPacket(source: Self.linkLocal, destination: Self.target, message: message)
        #expect(NeighborDiscoveryPacket(parsing: packet.octets) == packet)
    }

    /// Of version, next header, hop limit, code, checksum and option length, each alone makes the packet invalid.
    @Test(arguments: [0, 6, 7, 41, 42, 65])
    func oneWrongOctetIsRefused(offset: Int) {
        var octets = Self.solicitation
        octets[offset] = offset == 65 ? 0 : octets[offset] ^ 0x10
        #expect(NeighborDiscoveryPacket(parsing: octets) == nil)
    }

    @Test func everyShorterPacketIsRefused() {
        for count in 0..<Self.solicitation.count {
            #expect(NeighborDiscoveryPacket(parsing: Self.solicitation.prefix(count)) == nil)
        }
    }

    @Test func unspecifiedSourceMayNotTellALinkLayerAddress() {
        let packet = NeighborDiscoveryPacket(
            source: IPv6Address(rawValue: 0), destination: Self.target.solicitedNode,
            message: .neighborSolicitation(target: Self.target, sourceLinkLayerAddress: Self.mac))
        #expect(NeighborDiscoveryPacket(parsing: packet.octets) == nil)
    }

    @Test func multicastTargetIsRefused() {
        let packet = NeighborDiscoveryPacket(
            source: Self.linkLocal, destination: Self.target,
            message: .neighborSolicitation(target: Self.target.solicitedNode, sourceLinkLayerAddress: nil))
        #expect(NeighborDiscoveryPacket(parsing: packet.octets) == nil)
    }

    @Test func randomOctetsNeverCrash() {
        var random = SeededGenerator()
        for _ in 0..<5_000 {
            var octets = Self.solicitation
            for _ in 0..<4 { octets[Int(random.next() % UInt64(octets.count))] = random.octet() }
            if let packet = NeighborDiscoveryPacket(parsing: octets) {
                #expect(NeighborDiscoveryPacket(parsing: packet.octets) == packet)
            }
        }
    }
}
