import Addressing
import PacketFormats
import Testing

@Suite struct HostUnreachableTests {
    private let sender = IPv4Address(192, 0, 2, 9)
    private let target = IPv4Address(10, 1, 0, 77)
    private let own = IPv4Address(10, 1, 0, 1)
    private let sender6 = IPv6Address(rawValue: 0x2001_0DB8_0009_0000_0000_0000_0000_0009)
    private let target6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_004D)
    private let own6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0001)

    @Test func theSenderOfAPingLearnsThatTheHostIsUnreachable() throws {
        let ping = ICMPv4Message.packet(from: sender, to: target, timeToLive: 9, message: [8, 0, 0, 0, 1, 2, 3, 4])
        let error = try #require(HostUnreachable.packet(about: ping, from: .ipv4(own)))
        #expect(Array(error[12..<20]) == own.octets + sender.octets)
        #expect(error[20] == 3 && error[21] == 1)
        #expect(Array(error[28...]) == ping)
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(error[20...]))) == 0xFFFF)
    }

    @Test func theSenderOfAnIPv6PingLearnsThatTheAddressIsUnreachable() throws {
        let ping = ICMPv6Message.packet(from: sender6, to: target6, hopLimit: 9, message: [128, 0, 0, 0, 1, 2, 3, 4])
        let error = try #require(HostUnreachable.packet(about: ping, from: .ipv6(own6)))
        #expect(Array(error[8..<40]) == own6.octets + sender6.octets)
        #expect(error[40] == 1 && error[41] == 3)
        #expect(ICMPv6Message.hasCorrectChecksum(Array(error[40...]), source: own6, destination: sender6))
        #expect(Array(error[48...]) == ping)
    }

    @Test func errorsFragmentsAndDamagedPacketsAreNotAnswered() {
        let error = ICMPv4Message.packet(from: sender, to: target, timeToLive: 9, message: [3, 1, 0, 0, 0, 0, 0, 0])
        #expect(HostUnreachable.packet(about: error, from: .ipv4(own)) == nil)
        let error6 = ICMPv6Message.packet(from: sender6, to: target6, hopLimit: 9, message: [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(HostUnreachable.packet(about: error6, from: .ipv6(own6)) == nil)
        var fragment = ICMPv4Message.packet(from: sender, to: target, timeToLive: 9, message: [8, 0, 0, 0, 1, 2, 3, 4])
        fragment[7] = 1
        #expect(HostUnreachable.packet(about: fragment, from: .ipv4(own)) == nil)
        #expect(HostUnreachable.packet(about: error, from: .ipv6(own6)) == nil)
        for length in 0..<20 {
            #expect(HostUnreachable.packet(about: Array(fragment.prefix(length)), from: .ipv4(own)) == nil)
        }
    }
}
