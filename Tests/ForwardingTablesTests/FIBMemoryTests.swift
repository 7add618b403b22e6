import Addressing
import ForwardingTables
import SeededRandom
import Testing

/// What routes cost, and what happens when there is no memory for them.
@Suite struct FIBMemoryTests {
    #if DEBUG
        static let manyRoutes = 70_000
        /// The direct table of 18 bits, 2 MiB, weighs on the fewer routes.
        static let bytesPerRoute = 60
    #else
        static let manyRoutes = 1_000_000
        static let bytesPerRoute = 12
    #endif

    /// Shares of prefix lengths as in the Internet's IPv4 table, per mille (CIDR report, 2024, rounded).
    static let lengthShares: [(length: Int, perMille: Int)] = [
        (24, 605), (23, 100), (22, 110), (21, 53), (20, 46), (19, 25), (18, 14), (17, 9), (16, 14), (15, 3), (14, 3),
        (13, 2), (12, 1), (25, 5), (26, 4), (27, 3), (28, 2), (29, 1),
    ]

    @Test func `a million routes of one next hop take at most twelve octets each`() throws {
        var random = SeededGenerator(seed: 31)
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 31)
        var prefixes: [IPPrefix] = []
        while tables.routes.count(vrf: 1, family: .ipv4) < Self.manyRoutes {
            var share = Int.random(in: 0..<1_000, using: &random)
            let length = Self.lengthShares.first { entry in
                share -= entry.perMille
                return share < 0
            }?.length
            let address = IPv4Address(rawValue: UInt32.random(in: 0x0100_0000...0xDFFF_FFFF, using: &random))
            let prefix = try #require(IPPrefix(covering: .ipv4(address), length: length ?? 24))
            try tables.routes.set(prefix, vrf: 1, nextHop: 9)
            if prefixes.count < 1_000 { prefixes.append(prefix) }
        }
        let bytes = tables.routes.byteCount(vrf: 1, family: .ipv4)
        print("\(Double(bytes) / Double(Self.manyRoutes)) octets a route at \(Self.manyRoutes) routes")
        #expect(bytes <= Self.bytesPerRoute * Self.manyRoutes)
        #expect(tables.routes.arenaBytesInUse == bytes)
        #expect(tables.routes.directBits(vrf: 1, family: .ipv4) == 18)
        let root = tables.reader.ipv4Root(ofVRF: 1)
        for prefix in prefixes {
            #expect(tables.reader.fib.lookup(prefix.address, root: (root, 0)) == 9)
        }
        try tables.removeVRF(1)
        #expect(tables.routes.arenaBytesInUse == 0)
    }

    @Test func `ten routes of each family take at most 4 KiB`() throws {
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 1)
        let texts = [
            "0.0.0.0/0", "10.1.0.0/24", "10.1.0.1/32", "10.2.0.0/16", "10.2.3.0/24", "10.200.0.0/15",
            "192.168.1.0/24", "192.168.1.1/32", "172.16.0.0/12", "198.51.100.4/30", "::/0", "2001:db8:1::/48",
            "2001:db8:1:1::/64", "2001:db8:1:1::1/128", "2001:db8:2::/48", "2001:db8:ffff:2::/64",
            "2001:db8:ffff:2::1/128", "fd00:1::/32", "2a00:1450::/32", "2600::/12",
        ]
        for (index, text) in texts.enumerated() {
            try tables.routes.set(#require(IPPrefix(text)), vrf: 3, nextHop: UInt32(index + 1))
        }
        let bytes = AddressFamily.allCases.map { tables.routes.byteCount(vrf: 3, family: $0) }
        print("ten routes: \(bytes[0]) octets for IPv4, \(bytes[1]) for IPv6")
        #expect(bytes[0] + bytes[1] <= 4_096)
        for (index, text) in texts.enumerated() {
            let prefix = try #require(IPPrefix(text))
            #expect(tables.reader.fib.lookup(prefix.address, root: tables.reader.roots(ofVRF: 3)) == UInt32(index + 1))
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `an update without memory is an error and leaves every route as it was`(family: AddressFamily) throws {
        var random = SeededGenerator(seed: 41)
        let directory = try TemporaryDirectory()
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 16_384
        let tables = try TablesWriter(directory: directory.path, generation: 1, capacities: capacities, hashKey: 41)
        var model = FIBModel(family: family)
        var failures = 0
        for step in 0..<3_000 {
            let prefix = model.randomPrefix(clustered: false, using: &random)
            let before = tables.routes.arenaBytesInUse
            do {
                try tables.routes.set(prefix, vrf: 1, nextHop: UInt32(step % 7 + 1))
                model.set(prefix, UInt32(step % 7 + 1))
            } catch {
                #expect(error == .fibArenaFull)
                #expect(tables.routes.arenaBytesInUse == before)
                failures += 1
                if failures % 50 == 0, let victim = model.routes.keys.min(),
                    (try? tables.routes.remove(victim, vrf: 1)) == true
                {
                    model.set(victim, nil)
                }
            }
            let address = model.randomAddress(clustered: false, using: &random)
            let roots = tables.reader.roots(ofVRF: 1)
            #expect(tables.reader.fib.lookup(address, root: roots) == model.nextHop(of: address))
            #expect(tables.reader.fib.lookup(prefix.address, root: roots) == model.nextHop(of: prefix.address))
        }
        #expect(failures > 0)
        #expect(tables.routes.count(vrf: 1, family: family) == model.routes.count)
        try tables.removeVRF(1)
        #expect(tables.routes.arenaBytesInUse == 0)
    }
}
