import Addressing
import ControlProtocol
import Testing

/// Which route packets to an address go by, as operators ask for it.
@Suite struct RouteLookupTests {
    private static let text = """
        ip vrf one
         rd 42:1
        ip vrf two
         rd 42:2
        ip route vrf one 10.0.0.0/8 null0
        ip route vrf one 10.1.0.0/16 null0
        ip route vrf one 10.1.2.0/24 null0
        ip route vrf one 10.1.2.3/32 null0
        ip route vrf two 0.0.0.0/0 null0
        ipv6 route vrf one 2001:db8::/32 null0
        ipv6 route vrf one 2001:db8:1::/48 null0

        """

    @Test(
        arguments: [
            ("one", "10.1.2.3", ["10.1.2.3/32"]), ("one", "10.1.2.4", ["10.1.2.0/24"]),
            ("one", "10.1.3.1", ["10.1.0.0/16"]),
            ("one", "10.255.0.1", ["10.0.0.0/8"]), ("one", "11.0.0.1", []), ("two", "11.0.0.1", ["0.0.0.0/0"]),
            ("one", "2001:db8:1::1", ["2001:db8:1::/48"]), ("one", "2001:db8:2::1", ["2001:db8::/32"]),
            ("two", "2001:db8::1", []), (nil, "10.1.2.3", ["10.1.2.3/32", "0.0.0.0/0"]),
        ] as [(String?, String, [String])])
    func theLongestMatch(_ vrf: String?, _ address: String, _ prefixes: [String]) async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let answer = try await laboratory.ask(ShowRoutes(vrf: vrf, address: IPAddress(address)))
        #expect(answer.routes.map(\.prefix.description) == prefixes && answer.nextCursor == nil)
        // In pages of one row as well, of which none is the same as another.
        let query = ShowRoutes(vrf: vrf, address: IPAddress(address), page: Page(limit: 1))
        let first = try await laboratory.ask(query)
        #expect(first.routes.map(\.prefix.description) == Array(prefixes.prefix(1)))
        #expect((first.nextCursor != nil) == (prefixes.count > 1))
        await laboratory.stop()
    }

    @Test func anAddressAndAPrefixContradictEachOther() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        await #expect(throws: ControlError.self) {
            try await laboratory.ask(
                ShowRoutes(vrf: "one", prefix: IPPrefix("10.0.0.0/8"), address: IPAddress("10.1.2.3")))
        }
        await laboratory.stop()
    }

    @Test func oneInterfacesBlockOfTheConfiguration() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let block = try await laboratory.ask(ShowRunningConfiguration(interface: "ten1/2.30")).text
        let lines = block.split(separator: "\n")
        #expect(lines.first == "interface ten1/2.30" && lines.dropFirst().allSatisfy { $0.hasPrefix(" ") })
        #expect(lines.contains(" ip address 10.1.0.1/24") && block.hasSuffix("\n"))
        await #expect(throws: ControlError.self) {
            try await laboratory.ask(ShowRunningConfiguration(interface: "ten1/2.3"))
        }
        await laboratory.stop()
    }
}
