import Addressing
import Testing

@Suite struct IPv6AddressTests {
    /// RFC 5952 §4 and §5, RFC 4291 §2.2.
    @Test(arguments: [
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::A", "2001:db8::a"), ("::", "::"), ("::1", "::1"), ("fe80::", "fe80::"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func `every text form prints in the recommended one`(text: String, recommended: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == recommended)
        #expect(IPv6Address(recommended) == address)
        #expect(IPv6Address(octets: address.octets) == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::1%eth0", "1.2.3.4::",
        "::1.2.3", "1:2:3:4:5:6:7:8::", "::1.2.3.4:5", "1:",
    ])
    func `anything else is refused`(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func `every pattern of zero groups survives its text`() {
        // Every choice of which groups are zero: the compression has to find the first longest run.
        for zeros in 0..<256 {
            var value: UInt128 = 0
            for group in 0..<8 { value = value << 16 | (zeros >> group & 1 == 1 ? 0 : UInt128(0x1000 + group)) }
            let address = IPv6Address(rawValue: value)
            #expect(IPv6Address(address.description) == address, "\(address)")
        }
    }

    @Test func `well-known groups and scopes`() throws {
        let address = try #require(IPv6Address("2001:db8::12:3456"))
        #expect(address.solicitedNode.description == "ff02::1:ff12:3456")
        #expect(MACAddress(multicastOf: address.solicitedNode).description == "33:33:ff:12:34:56")
        #expect(try #require(IPv6Address("febf::1")).isLinkLocal)
        #expect(try !#require(IPv6Address("fec0::1")).isLinkLocal)
        #expect(address.isGlobalUnicast)
        #expect(IPv6Address(mapping: IPv4Address(192, 0, 2, 1)).mappedIPv4 == IPv4Address(192, 0, 2, 1))
    }
}
