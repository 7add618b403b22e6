import Addressing
import Testing

@Suite struct IPv4AddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("255.255.255.255", 0xFFFF_FFFF), ("192.0.2.130", 0xC000_0282),
        ] as [(String, UInt32)])
    func `dotted quads read and print alike`(text: String, value: UInt32) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.rawValue == value)
        #expect(address.description == text)
        #expect(
            address.octets == [
                UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255),
            ])
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1..2.3", "1.2.3.4 ", "a.b.c.d", "1.2.3.-4", "+1.2.3.4",
    ])
    func `anything else is refused`(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test func `unicast excludes what no host may have`() throws {
        for text in ["0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"] {
            #expect(try !#require(IPv4Address(text)).isUnicast, "\(text)")
        }
        #expect(IPv4Address(10, 1, 2, 3).isUnicast)
        #expect(IPv4Address(239, 1, 2, 3).isMulticast)
    }
}
