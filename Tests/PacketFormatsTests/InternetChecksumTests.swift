import PacketFormats
import SeededRandom
import Testing

@Suite struct InternetChecksumTests {
    /// The example of RFC 1071 §3.
    @Test func sumOfTheStandardsExample() {
        let octets: [UInt8] = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]
        #expect(InternetChecksum.fold(InternetChecksum.sum(octets)) == 0xDDF2)
    }

    @Test func oddOctetIsPaddedWithZero() {
        #expect(InternetChecksum.sum([0x12]) == 0x1200)
        #expect(InternetChecksum.sum([0, 1, 0x12]) == 0x1201)
    }

    /// RFC 1624 §4: the case in which the older equation gives the other zero.
    @Test func incrementalUpdateOfTheStandardsExample() {
        #expect(InternetChecksum.updated(0xDD2F, from: 0x5555, to: 0x3285) == 0x0000)
    }

    @Test func incrementalUpdateEqualsTheWholeSum() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            var header = (0..<20).map { _ in random.octet() }
            header[0] = 0x45
            header[10] = 0
            header[11] = 0
            let before = InternetChecksum.complement(InternetChecksum.sum(header))
            let old = UInt16(header[8]) << 8 | UInt16(header[9])
            header[8] = random.octet()
            let new = UInt16(header[8]) << 8 | UInt16(header[9])
            let after = InternetChecksum.updated(before, from: old, to: new)
            header[10] = UInt8(after >> 8)
            header[11] = UInt8(after & 255)
            #expect(InternetChecksum.fold(InternetChecksum.sum(header)) == 0xFFFF)
            let isCorrect = header.withUnsafeBytes { buffer in
                buffer.baseAddress.map { InternetChecksum.isCorrect(ipv4Header: $0, headerBytes: 20) }
            }
            #expect(isCorrect == true)
        }
    }
}
