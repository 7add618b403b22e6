import Addressing
import PacketFormats
import Testing

@Suite struct LocalAnswerTests {
    private let host = IPv4Address(10, 1, 0, 77)
    private let own = IPv4Address(10, 1, 0, 1)
    private let host6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_004D)
    private let own6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0001)

    private func udp() -> [UInt8] {
        var packet = ICMPv4Message.packet(from: host, to: own, timeToLive: 9, message: [UInt8](repeating: 1, count: 8))
        packet[9] = IPProtocol.udp
        return packet
    }

    @Test func echoRequestIsAnsweredWithItsData() {
        let request = ICMPv4Message.packet(from: host, to: own, timeToLive: 9, message: [8, 0, 0, 0, 1, 2, 3, 4, 5])
        let reply = ICMPv4Message.packet(from: own, to: host, timeToLive: 64, message: [0, 0, 0, 0, 1, 2, 3, 4, 5])
        #expect(LocalAnswer(to: request) == .echoReply(reply))
    }

    @Test func echoRequestOverIPv6IsAnsweredWithItsData() {
        let request = ICMPv6Message.packet(from: host6, to: own6, hopLimit: 9, message: [128, 0, 0, 0, 1, 2, 3, 4, 5])
        let reply = ICMPv6Message.packet(from: own6, to: host6, hopLimit: 64, message: [129, 0, 0, 0, 1, 2, 3, 4, 5])
        #expect(LocalAnswer(to: request) == .echoReply(reply))
    }

    @Test func anythingElseLearnsThatThePortIsUnreachable() throws {
        let packet = udp()
        let answer = try #require(LocalAnswer(to: packet))
        guard case .portUnreachable(let octets) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(Array(octets[12..<20]) == own.octets + host.octets)
        #expect(octets[20] == 3 && octets[21] == 3)
        #expect(Array(octets[28...]) == packet)
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(octets[..<20]))) == 0xFFFF)
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(octets[20...]))) == 0xFFFF)
    }

    @Test func udpOverIPv6LearnsThatThePortIsUnreachable() throws {
        var packet = ICMPv6Message.packet(from: host6, to: own6, hopLimit: 9, message: [UInt8](repeating: 1, count: 8))
        packet[6] = IPProtocol.udp
        guard case .portUnreachable(let octets) = try #require(LocalAnswer(to: packet)) else {
            Issue.record("not an error")
            return
        }
        #expect(octets[40] == 1 && octets[41] == 4)
        #expect(ICMPv6Message.hasCorrectChecksum(Array(octets[40...]), source: own6, destination: host6))
        #expect(Array(octets[48...]) == packet)
    }

    @Test func errorsFragmentsAndDamagedPacketsAreNotAnswered() {
        let error = ICMPv4Message.packet(from: host, to: own, timeToLive: 9, message: [3, 1, 0, 0, 0, 0, 0, 0])
        #expect(LocalAnswer(to: error) == nil)
        let error6 = ICMPv6Message.packet(from: host6, to: own6, hopLimit: 9, message: [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(LocalAnswer(to: error6) == nil)
        var damaged = ICMPv4Message.packet(from: host, to: own, timeToLive: 9, message: [8, 0, 0, 0, 1, 2, 3, 4])
        damaged[25] ^= 1
        #expect(LocalAnswer(to: damaged) == nil)
        var fragment = udp()
        fragment[7] = 5
        #expect(LocalAnswer(to: fragment) == nil)
        #expect(LocalAnswer(to: []) == nil)
        #expect(
            LocalAnswer(to: ICMPv4Message.packet(from: IPv4Address(0, 0, 0, 0), to: own, timeToLive: 9, message: []))
                == nil)
    }

    @Test func noPrefixOfAPacketCrashes() {
        for packet in [
            udp(), ICMPv6Message.packet(from: host6, to: own6, hopLimit: 9, message: [128, 0, 0, 0, 1, 2, 3, 4]),
        ] {
            for count in 0..<packet.count { #expect(LocalAnswer(to: Array(packet.prefix(count))) == nil) }
        }
    }
}
