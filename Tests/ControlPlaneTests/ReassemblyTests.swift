import Addressing
import CTableLayout
import ControlPlane
import PacketFormats
import Testing

/// Packets to the box's own addresses that come in fragments.
@Suite struct ReassemblyTests {
    private static let host = IPv4Address(10, 1, 0, 7)
    private static let own = IPv4Address(10, 1, 0, 1)
    private static let host6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0007)
    private static let own6 = IPv6Address(rawValue: 0x2001_0DB8_0001_0000_0000_0000_0000_0001)
    private static let data = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    /// An IPv4 packet cut into pieces of `size` octets of payload.
    private static func fragments(of packet: [UInt8], size: Int) -> [[UInt8]] {
        let payload = Array(packet[20...])
        return stride(from: 0, to: payload.count, by: size).map { start in
            let piece = payload[start..<min(start + size, payload.count)]
            var header = Array(packet[..<20])
            let length = UInt16(20 + piece.count)
            (header[2], header[3]) = (UInt8(length >> 8), UInt8(length & 0xFF))
            let field = UInt16(start / 8) | (start + size < payload.count ? 0x2000 : 0)
            (header[6], header[7]) = (UInt8(field >> 8), UInt8(field & 0xFF))
            (header[10], header[11]) = (0, 0)
            let checksum = InternetChecksum.complement(InternetChecksum.sum(header))
            (header[10], header[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
            return header + piece
        }
    }

    private static func fragments6(of packet: [UInt8], size: Int) -> [[UInt8]] {
        let payload = Array(packet[40...])
        return stride(from: 0, to: payload.count, by: size).map { start in
            let piece = payload[start..<min(start + size, payload.count)]
            var header = Array(packet[..<40])
            let length = UInt16(8 + piece.count)
            (header[4], header[5], header[6]) = (UInt8(length >> 8), UInt8(length & 0xFF), 44)
            let field = UInt16(start) | (start + size < payload.count ? 1 : 0)
            return header + [packet[6], 0, UInt8(field >> 8), UInt8(field & 0xFF), 1, 2, 3, 4] + piece
        }
    }

    private static let request = ICMPv4Message.packet(
        from: host, to: own, timeToLive: 9, identification: 77, message: [8, 0, 0, 0, 0, 1, 0, 1] + data)
    private static let request6 = ICMPv6Message.packet(
        from: host6, to: own6, hopLimit: 9, message: [128, 0, 0, 0, 0, 1, 0, 1] + data)

    /// What the box sends after these packets and then a small echo request, whose answer is the last.
    private func answers(to packets: [[UInt8]], on names: [String] = ["ten1/1"]) async throws -> [[UInt8]] {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        for (index, packet) in packets.enumerated() {
            let isElsewhere = names[index % names.count] != "ten1/1"
            let other = isElsewhere ? try await PuntTests.number(of: "ten1/2", in: laboratory) : counter
            dataplane.punt(STILE_PUNT_RECEIVE, counter: other, vrf: 1, isFrame: false, packet)
        }
        let last = ICMPv4Message.packet(
            from: Self.host, to: Self.own, timeToLive: 9, message: [8, 0, 0, 0, 9, 9, 9, 9])
        dataplane.punt(STILE_PUNT_RECEIVE, counter: counter, vrf: 1, isFrame: false, last)
        var found: [[UInt8]] = []
        try await laboratory.eventually("the last answer") {
            found += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }.map(\.data)
            return found.last.map { $0.count == 28 } ?? false
        }
        await laboratory.stop()
        return found.dropLast()
    }

    @Test func `an echo request in fragments of any order is answered`() async throws {
        let pieces = Self.fragments(of: Self.request, size: 1_200)
        #expect(pieces.count == 3)
        let answers = try await answers(to: [pieces[2], pieces[0], pieces[0], pieces[1]])
        let expected = ICMPv4Message.packet(
            from: Self.own, to: Self.host, timeToLive: 64, identification: 77,
            message: [0, 0, 0, 0, 0, 1, 0, 1] + Self.data)
        #expect(answers == [expected])
    }

    @Test func `the answer over IPv6 leaves in fragments`() async throws {
        let answers = try await answers(to: Self.fragments6(of: Self.request6, size: 1_232))
        let expected = ICMPv6Message.packet(
            from: Self.own6, to: Self.host6, hopLimit: 64, message: [129, 0, 0, 0, 0, 1, 0, 1] + Self.data)
        #expect(answers.count == 3)
        #expect(answers.allSatisfy { $0.count <= 1_280 && $0[6] == 44 && $0[40] == 58 })
        #expect(Set(answers.map { Array($0[44..<48]) }).count == 1)
        #expect(answers.map { Int($0[42]) << 8 | Int($0[43]) } == [0 | 1, 1_232 | 1, 2_464])
        #expect(answers.flatMap { Array($0[48...]) } == Array(expected[40...]))
    }

    @Test func `what overlaps, is too long or came by another interface makes nothing`() async throws {
        let pieces = Self.fragments(of: Self.request, size: 1_200)
        let others = Self.fragments(of: Self.request, size: 800)
        #expect(try await answers(to: [pieces[0], others[1], pieces[1], pieces[2]]).isEmpty)
        #expect(try await answers(to: [pieces[0], pieces[1], pieces[2]], on: ["ten1/1", "ten1/2", "ten1/1"]).isEmpty)
        var far = pieces[1]
        far[6] = 0x3F
        #expect(try await answers(to: [pieces[0], far]).isEmpty)
    }
}
