import Addressing
import ControlPlane
import Testing

@Suite struct EchoResponderTests {
    /// An echo request from 10.1.0.2 to 10.1.0.1, by hand: identifier 0x1234, sequence 1, payload "abcd".
    static let request: [UInt8] = [
        0x45, 0x00, 0x00, 0x20, 0x00, 0x01, 0x00, 0x00, 0x40, 0x01, 0x66, 0xD8, 0x0A, 0x01, 0x00, 0x02, 0x0A, 0x01,
        0x00, 0x01, 0x08, 0x00, 0x21, 0x04, 0x12, 0x34, 0x00, 0x01, 0x61, 0x62, 0x63, 0x64,
    ]

    @Test func anEchoRequestIsAnswered() {
        let reply: [UInt8] = [
            0x45, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x40, 0x01, 0x66, 0xD9, 0x0A, 0x01, 0x00, 0x01, 0x0A,
            0x01, 0x00, 0x02, 0x00, 0x00, 0x29, 0x04, 0x12, 0x34, 0x00, 0x01, 0x61, 0x62, 0x63, 0x64,
        ]
        #expect(EchoResponder.answer(to: Self.request) == reply)
    }

    @Test func paddingIsNotAnswered() {
        #expect(EchoResponder.answer(to: Self.request + [0, 0, 0])?.count == 32)
    }

    /// Everything that must get no answer: truncated, a wrong checksum, a fragment, a group as source, other messages.
    @Test func noAnswerToWhatIsWrong() {
        for length in 0..<Self.request.count {
            #expect(EchoResponder.answer(to: Array(Self.request.prefix(length))) == nil)
        }
        for offset in [10, 22] {
            var damaged = Self.request
            damaged[offset] ^= 1
            #expect(EchoResponder.answer(to: damaged) == nil)
        }
    }

    @Test func udpGetsPortUnreachable() {
        var packet = Self.request
        packet[9] = 17
        // The sum of the header changes by 16 in the low octet of the protocol's word.
        packet[11] = 0xC8
        let answer = EchoResponder.answer(to: packet)
        #expect(answer?[9] == 1)
        #expect(answer.map { Array($0[20..<22]) } == [3, 3])
        #expect(answer.map { Array($0[28...]) } == packet)
    }

    @Test func anIPv6EchoRequestIsAnswered() {
        let source = IPAddress("2001:db8::2")!.octets
        let destination = IPAddress("2001:db8::1")!.octets
        var packet: [UInt8] = [0x60, 0, 0, 0, 0, 8, 58, 64] + source + destination
        packet += [128, 0, 0, 0, 0x12, 0x34, 0, 1]
        // 2 x 0x2001 + 2 x 0x0db8 + 3 + 8 + 58 + 0x8000 + 0x1234 + 1 folds to 0xEDEC + 0, complemented.
        let sum = 2 * 0x2001 + 2 * 0x0db8 + 3 + 8 + 58 + 0x8000 + 0x1234 + 1
        let checksum = ~UInt16(truncatingIfNeeded: (sum & 0xFFFF) + (sum >> 16))
        packet[42] = UInt8(checksum >> 8)
        packet[43] = UInt8(checksum & 0xFF)
        let answer = EchoResponder.answer(to: packet)
        #expect(answer.map { Array($0[8..<40]) } == destination + source)
        #expect(answer.map { $0[40] } == 129)
        #expect(answer.map { Array($0[44...]) } == [0x12, 0x34, 0, 1])
        packet[43] ^= 1
        #expect(EchoResponder.answer(to: packet) == nil)
    }
}
