import Addressing
import PacketFormats
import SeededRandom
import Testing
import TrafficGenerator

@Suite struct NeighborAnswerTests {
    private let own = MACAddress(rawValue: 0x0200_0000_00AA)
    private let asker = MACAddress(rawValue: 0x0200_0000_0001)

    @Test func everyARPRequestIsAnsweredWithItsTags() throws {
        let request = ARPPacket(
            operation: .request, senderMAC: asker, senderAddress: IPv4Address(10, 1, 0, 1),
            targetMAC: MACAddress(rawValue: 0), targetAddress: IPv4Address(10, 1, 0, 77))
        for tags in [[], [0x81, 0, 0, 30], [0x88, 0xA8, 0, 200, 0x81, 0, 0, 7]] as [[UInt8]] {
            let link = MACAddress.broadcast.octets + asker.octets + tags + [8, 6]
            let answer = try #require(NeighborAnswer.frame(to: link + request.octets + [0, 0], mac: own))
            #expect(Array(answer.prefix(12)) == asker.octets + own.octets)
            #expect(Array(answer[12..<(14 + tags.count)]) == tags + [8, 6])
            let reply = try #require(ARPPacket(parsing: answer.dropFirst(14 + tags.count)))
            #expect(reply == request.reply(from: own))
        }
    }

    @Test func everySolicitationIsAnswered() throws {
        let box = try #require(IPv6Address("fe80::1"))
        let target = try #require(IPv6Address("2001:db8::77"))
        let solicitation = NeighborDiscoveryPacket(
            source: box, destination: target.solicitedNode,
            message: .neighborSolicitation(target: target, sourceLinkLayerAddress: asker))
        let link = MACAddress(multicastOf: target.solicitedNode).octets + asker.octets + [0x86, 0xDD]
        let answer = try #require(NeighborAnswer.frame(to: link + solicitation.octets, mac: own))
        let packet = try #require(NeighborDiscoveryPacket(parsing: answer.dropFirst(14)))
        #expect(packet.source == target && packet.destination == box)
        guard case .neighborAdvertisement(let advertisement) = packet.message else {
            Issue.record("\(packet.message)")
            return
        }
        #expect(advertisement.targetLinkLayerAddress == own && advertisement.isSolicited)
    }

    @Test func announcementsRepliesAndRubbishAreNot() {
        let address = IPv4Address(10, 1, 0, 1)
        let link = MACAddress.broadcast.octets + asker.octets + [8, 6]
        let announcement = ARPPacket(
            operation: .request, senderMAC: asker, senderAddress: address, targetMAC: own, targetAddress: address)
        let reply = ARPPacket(
            operation: .reply, senderMAC: asker, senderAddress: address, targetMAC: own,
            targetAddress: IPv4Address(10, 1, 0, 2))
        #expect(NeighborAnswer.frame(to: link + announcement.octets, mac: own) == nil)
        #expect(NeighborAnswer.frame(to: link + reply.octets, mac: own) == nil)
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let rubbish = link + (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let cut = Array(rubbish.prefix(random.below(rubbish.count + 1)))
            let answer = NeighborAnswer.frame(to: cut, mac: own)
            #expect(answer == nil || cut.count >= 42)
        }
    }
}
