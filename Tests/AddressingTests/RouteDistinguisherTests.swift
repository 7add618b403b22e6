import Addressing
import Testing

@Suite struct RouteDistinguisherTests {
    /// RFC 4364 §4.2's three types.
    @Test(
        arguments: [
            ("42:1", 0x0000_002A_0000_0001), ("65535:4294967295", 0x0000_FFFF_FFFF_FFFF),
            ("192.0.2.1:7", 0x0001_C000_0201_0007), ("65536:9", 0x0002_0001_0000_0009),
        ] as [(String, UInt64)])
    func `each type reads, encodes and prints`(text: String, value: UInt64) throws {
        let distinguisher = try #require(RouteDistinguisher(text))
        #expect(distinguisher.rawValue == value)
        #expect(distinguisher.description == text)
    }

    @Test(arguments: [
        "", "42", "42:", ":1", "42:1:2", "65536:65536", "192.0.2.1:65536", "4294967296:1", "42:4294967296", "-1:2",
    ])
    func `out of range is refused`(text: String) {
        #expect(RouteDistinguisher(text) == nil)
        #expect(RouteTarget(text) == nil)
    }

    @Test func `an unknown type prints as a number`() {
        #expect(RouteDistinguisher(rawValue: 0x0009_0000_0000_0001).description == "0x9000000000001")
    }

    /// RFC 4360 §4 and RFC 5668 §2.
    @Test(
        arguments: [
            ("42:1", 0x0002_002A_0000_0001), ("192.0.2.1:7", 0x0102_C000_0201_0007), ("65536:9", 0x0202_0001_0000_0009),
        ] as [(String, UInt64)])
    func `route targets carry the sub-type`(text: String, value: UInt64) throws {
        let target = try #require(RouteTarget(text))
        #expect(target.rawValue == value)
        #expect(target.description == text)
        #expect(RouteTarget(rawValue: value) == target)
    }

    @Test func `a route origin is no route target`() {
        #expect(RouteTarget(rawValue: 0x0003_002A_0000_0001) == nil)
        #expect(RouteTarget(rawValue: 0x4002_002A_0000_0001) == nil)
    }
}
