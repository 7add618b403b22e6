import Addressing
import PacketFormats
import Testing

@Suite struct LocalAnswerTests {
    private let host = IPv4Address(10, 1, 0, 77)
    private let own = IPv4Address(10, 1, 0, 1)
    private let host6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_004D)
    private let own6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0001)

    private func udp() -> [UInt8] {
        ipv4(IPProtocol.udp, [0x10, 0, 0x20, 0, 0, 9, 0, 0, 1])
    }

    /// A packet of the host to the box with a right header checksum.
    private func ipv4(_ protocolNumber: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var header: [UInt8] = [0x45, 0, 0, UInt8(20 + payload.count), 0, 1, 0, 0, 9, protocolNumber, 0, 0]
        header += host.octets + own.octets
        let checksum = InternetChecksum.complement(InternetChecksum.sum(header))
        (header[10], header[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        return header + payload
    }

    private func ipv6(_ nextHeader: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0, 0, UInt8(payload.count), nextHeader, 9] + host6.octets + own6.octets + payload
    }

    /// `segment` with the checksum at `offset` over it and its pseudo-header.
    private func checked(_ segment: [UInt8], at offset: Int, _ addresses: [UInt8], _ protocolNumber: UInt8) -> [UInt8] {
        var segment = segment
        let header = addresses + [0, 0, 0, UInt8(segment.count), 0, 0, 0, protocolNumber]
        let checksum = InternetChecksum.complement(InternetChecksum.sum(header + segment))
        (segment[offset], segment[offset + 1]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        return segment
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

    @Test func `a closed UDP port is unreachable`() throws {
        let packet = udp()
        guard case .unreachable(let octets) = try #require(LocalAnswer(to: packet)) else {
            Issue.record("not an error")
            return
        }
        #expect(Array(octets[12..<20]) == own.octets + host.octets)
        #expect(octets[20] == 3 && octets[21] == 3)
        #expect(Array(octets[28...]) == packet)
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(octets[..<20]))) == 0xFFFF)
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(octets[20...]))) == 0xFFFF)
    }

    @Test func `a closed UDP port is unreachable over IPv6`() throws {
        let datagram = checked([0x10, 0, 0x20, 0, 0, 9, 0, 0, 1], at: 6, host6.octets + own6.octets, IPProtocol.udp)
        let packet = ipv6(IPProtocol.udp, datagram)
        guard case .unreachable(let octets) = try #require(LocalAnswer(to: packet)) else {
            Issue.record("not an error")
            return
        }
        #expect(octets[40] == 1 && octets[41] == 4)
        #expect(ICMPv6Message.hasCorrectChecksum(Array(octets[40...]), source: own6, destination: host6))
        #expect(Array(octets[48...]) == packet)
    }

    @Test func `a UDP datagram with a wrong checksum is not answered`() {
        #expect(LocalAnswer(to: ipv4(IPProtocol.udp, [0x10, 0, 0x20, 0, 0, 9, 1, 1, 1])) == nil)
        // Over IPv6 there is always one.
        #expect(LocalAnswer(to: ipv6(IPProtocol.udp, [0x10, 0, 0x20, 0, 0, 9, 0, 0, 1])) == nil)
        #expect(LocalAnswer(to: ipv4(IPProtocol.udp, [0x10, 0, 0x20, 0, 0, 99, 0, 0, 1])) == nil)
    }

    @Test func `an unknown protocol is unreachable, an unknown next header a parameter problem`() throws {
        guard case .unreachable(let octets) = try #require(LocalAnswer(to: ipv4(253, [1, 2, 3, 4]))) else {
            Issue.record("not an error")
            return
        }
        #expect(octets[20] == 3 && octets[21] == 2)
        for (extensions, pointer) in [([], 6), ([253, 0, 0, 0, 0, 0, 0, 0], 40)] as [([UInt8], UInt8)] {
            let next = extensions.isEmpty ? 253 : IPProtocol.destinationOptions
            let packet = ipv6(next, extensions + [1, 2, 3, 4, 5, 6, 7, 8])
            guard case .unreachable(let octets) = try #require(LocalAnswer(to: packet)) else {
                Issue.record("not an error")
                return
            }
            #expect(Array(octets[40..<42]) == [4, 1])
            #expect(Array(octets[44..<48]) == [0, 0, 0, pointer])
            #expect(ICMPv6Message.hasCorrectChecksum(Array(octets[40...]), source: own6, destination: host6))
        }
        #expect(LocalAnswer(to: ipv6(IPProtocol.noNextHeader, [])) == nil)
    }

    /// SYN, sequence 0x01020304: the reset acknowledges the number after it.
    private static let syn: [UInt8] = [0x10, 1, 0, 22, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 1, 0, 0, 0, 0, 0]

    @Test func `a TCP segment is reset`() throws {
        let addresses = host.octets + own.octets
        let packet = ipv4(IPProtocol.tcp, checked(Self.syn, at: 16, addresses, IPProtocol.tcp))
        guard case .reset(let octets) = try #require(LocalAnswer(to: packet)) else {
            Issue.record("not a reset")
            return
        }
        #expect(InternetChecksum.fold(InternetChecksum.sum(Array(octets[..<20]))) == 0xFFFF)
        #expect(Array(octets[12..<20]) == own.octets + host.octets)
        let segment = Array(octets[20...])
        #expect(Array(segment[..<14]) == [0, 22, 0x10, 1, 0, 0, 0, 0, 1, 2, 3, 5, 0x50, 0x14])
        #expect(
            segment
                == checked(
                    segment.enumerated().map { [16, 17].contains($0.offset) ? 0 : $0.element }, at: 16, addresses,
                    IPProtocol.tcp))
        // With an acknowledgement its number is the reset's, and nothing is acknowledged.
        var data = Self.syn + [7, 7]
        (data[8], data[9], data[10], data[11], data[13]) = (9, 8, 7, 6, 0x10)
        let answer = try #require(
            LocalAnswer(to: ipv4(IPProtocol.tcp, checked(data, at: 16, addresses, IPProtocol.tcp))))
        #expect(Array(answer.packet[24..<34]) == [9, 8, 7, 6, 0, 0, 0, 0, 0x50, 4])
    }

    @Test func `a TCP segment over IPv6 is reset`() throws {
        let addresses = host6.octets + own6.octets
        let packet = ipv6(IPProtocol.tcp, checked(Self.syn, at: 16, addresses, IPProtocol.tcp))
        guard case .reset(let octets) = try #require(LocalAnswer(to: packet)) else {
            Issue.record("not a reset")
            return
        }
        #expect(Array(octets[8..<40]) == own6.octets + host6.octets)
        #expect(Array(octets[40..<54]) == [0, 22, 0x10, 1, 0, 0, 0, 0, 1, 2, 3, 5, 0x50, 0x14])
    }

    @Test func `neither a reset nor a damaged segment is reset`() {
        let addresses = host.octets + own.octets
        var reset = Self.syn
        reset[13] = 4
        #expect(LocalAnswer(to: ipv4(IPProtocol.tcp, checked(reset, at: 16, addresses, IPProtocol.tcp))) == nil)
        #expect(LocalAnswer(to: ipv4(IPProtocol.tcp, Self.syn)) == nil)
        var short = Self.syn
        short[12] = 0xF0
        #expect(LocalAnswer(to: ipv4(IPProtocol.tcp, checked(short, at: 16, addresses, IPProtocol.tcp))) == nil)
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
        let segment = checked(Self.syn, at: 16, host.octets + own.octets, IPProtocol.tcp)
        for packet in [
            udp(), ipv4(IPProtocol.tcp, segment),
            ICMPv6Message.packet(from: host6, to: own6, hopLimit: 9, message: [128, 0, 0, 0, 1, 2, 3, 4]),
        ] {
            for count in 0..<packet.count { #expect(LocalAnswer(to: Array(packet.prefix(count))) == nil) }
        }
    }
}
