import Addressing
import Testing

@Suite struct IPPrefixTests {
    @Test(arguments: ["0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128"])
    func `canonical prefixes read and print alike`(text: String) throws {
        #expect(try #require(IPPrefix(text)).description == text)
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/", "2001:db8::1/64", "::/129", "10.0.0.0/08", "/8",
    ])
    func `bits behind the length and bad lengths are refused`(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test func `covering clears the host bits`() throws {
        let address = try #require(IPAddress("2001:db8:1:2::3"))
        #expect(IPPrefix(covering: address, length: 48)?.description == "2001:db8:1::/48")
        #expect(IPPrefix(covering: address, length: 0)?.description == "::/0")
        #expect(IPPrefix(covering: address, length: 129) == nil)
        #expect(IPPrefix(covering: .ipv4(IPv4Address(10, 1, 2, 3)), length: 31)?.description == "10.1.2.2/31")
    }

    @Test func `containment keeps the families apart`() throws {
        let all4 = try #require(IPPrefix("0.0.0.0/0"))
        let net = try #require(IPPrefix("10.1.0.0/16"))
        #expect(all4.contains(net))
        #expect(!net.contains(all4))
        #expect(net.contains(.ipv4(IPv4Address(10, 1, 255, 255))))
        #expect(!net.contains(.ipv4(IPv4Address(10, 2, 0, 0))))
        #expect(try !all4.contains(#require(IPAddress("::1"))))
    }

    @Test func `an interface address knows its subnet`() throws {
        let address = try #require(InterfaceAddress("10.1.0.1/24"))
        #expect(address.subnet.description == "10.1.0.0/24")
        #expect(address.description == "10.1.0.1/24")
        #expect(InterfaceAddress("10.1.0.1/33") == nil)
    }
}
