import Addressing
import ForwardingTables
import SeededRandom
import Testing

/// The FIB against longest-prefix match over a dictionary.
@Suite struct FIBPropertyTests {
    static let seeds: [UInt64] = [1, 2, 3, 4]

    @Test(arguments: AddressFamily.allCases, seeds)
    func `random routes come and go and every lookup agrees with the model`(family: AddressFamily, seed: UInt64) throws
    {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: seed)
        var model = FIBModel(family: family)
        let clustered = seed % 2 == 1
        // Some of the last seed's next hops need more than 16 bits.
        let hops: ClosedRange<UInt32> = seed < 3 ? 1...2 : seed == 3 ? 1...50 : 65_510...65_560
        var known: [IPPrefix] = []
        for step in 0..<1_500 {
            // Growth in the first half, shrinking in the second.
            let removes = Int.random(in: 0..<10, using: &random) < (step < 750 ? 2 : 7)
            let prefix: IPPrefix
            if removes, let index = known.indices.randomElement(using: &random) {
                prefix = known.remove(at: index)
                let had = model.routes[prefix] != nil
                #expect(try tables.routes.remove(prefix, vrf: 7) == had)
                model.set(prefix, nil)
            } else {
                prefix = model.randomPrefix(clustered: clustered, using: &random)
                let hop = UInt32.random(in: hops, using: &random)
                try tables.routes.set(prefix, vrf: 7, nextHop: hop)
                model.set(prefix, hop)
                known.append(prefix)
            }
            let roots = tables.reader.roots(ofVRF: 7)
            for _ in 0..<8 {
                let address = model.randomAddress(clustered: clustered, using: &random)
                #expect(tables.reader.fib.lookup(address, root: roots) == model.nextHop(of: address))
            }
            let edges = Self.edges(of: prefix, model: model)
            for address in edges {
                #expect(
                    tables.reader.fib.lookup(address, root: roots) == model.nextHop(of: address),
                    "step \(step), \(prefix), \(address)")
            }
        }
        #expect(tables.routes.count(vrf: 7, family: family) == model.routes.count)
        for prefix in model.routes.keys { try tables.routes.remove(prefix, vrf: 7) }
        #expect(tables.routes.count(vrf: 7, family: family) == 0)
        #expect(tables.routes.byteCount(vrf: 7, family: family) == 0)
        #expect(tables.routes.arenaBytesInUse == 0)
        #expect(tables.reader.ipv4Root(ofVRF: 7) == 0 && tables.reader.ipv6Root(ofVRF: 7) == 0)
    }

    /// The first and last address of a prefix and their neighbours outside.
    private static func edges(of prefix: IPPrefix, model: FIBModel) -> [IPAddress] {
        let bits = prefix.family.bits
        let first = prefix.address.numericValue
        let hostBits = UInt128(bits - Int(prefix.length))
        let last = hostBits == 128 ? UInt128.max : first + ((1 << hostBits) - 1)
        return [first, first &- 1, last, last &+ 1].map(model.address)
    }

    @Test(arguments: AddressFamily.allCases)
    func `the direct table grows and shrinks with the routes`(family: AddressFamily) throws {
        var random = SeededGenerator(seed: 11)
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 11)
        var model = FIBModel(family: family)
        var bits: Set<Int> = []
        func check(_ model: FIBModel) {
            let roots = tables.reader.roots(ofVRF: 1)
            for prefix in model.routes.keys.prefix(200) {
                #expect(tables.reader.fib.lookup(prefix.address, root: roots) == model.nextHop(of: prefix.address))
            }
        }
        while model.routes.count < 1_300 {
            let prefix = model.randomPrefix(clustered: false, using: &random)
            let hop = UInt32.random(in: 1...5, using: &random)
            try tables.routes.set(prefix, vrf: 1, nextHop: hop)
            model.set(prefix, hop)
            if bits.insert(tables.routes.directBits(vrf: 1, family: family)).inserted { check(model) }
        }
        check(model)
        #expect(bits == (family == .ipv4 ? [0, 6, 8, 10, 12, 14] : [0, 8, 10, 12, 14]))
        for prefix in model.routes.keys {
            try tables.routes.remove(prefix, vrf: 1)
            model.set(prefix, nil)
            if bits.remove(tables.routes.directBits(vrf: 1, family: family)) != nil { check(model) }
        }
        // Shrinking waits for half of the routes: 32 still have the table of 10 bits, and 31 that of few routes.
        #expect(bits == [8])
        #expect(tables.routes.arenaBytesInUse == 0)
    }

    @Test func `a burst with a root for each packet gives what single lookups give`() throws {
        var random = SeededGenerator(seed: 21)
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 21)
        let ipv4 = FIBModel(family: .ipv4)
        let ipv6 = FIBModel(family: .ipv6)
        for vrf: UInt16 in 1...5 {
            for hop in 1...UInt32([3, 40, 200, 1_100, 1][Int(vrf) - 1]) {
                try tables.routes.set(ipv4.randomPrefix(clustered: true, using: &random), vrf: vrf, nextHop: hop)
                try tables.routes.set(ipv6.randomPrefix(clustered: true, using: &random), vrf: vrf, nextHop: hop)
            }
        }
        let queue = FIBQueue()
        defer { queue.deallocate() }
        let fib = tables.reader.fib
        for count in [0, 1, 2, 63, 64] {
            let vrfs = (0..<count).map { _ in UInt16.random(in: 0...6, using: &random) }
            let v4 = (0..<count).map { _ in
                UInt32(truncatingIfNeeded: ipv4.randomAddress(clustered: true, using: &random).numericValue)
            }
            let v6 = (0..<count).map { _ in ipv6.randomAddress(clustered: true, using: &random).numericValue }
            let roots4 = vrfs.map(tables.reader.ipv4Root)
            let roots6 = vrfs.map(tables.reader.ipv6Root)
            var results = [UInt32](repeating: .max, count: count)
            for index in 0..<count { fib.enqueue(ipv4: v4[index], root: roots4[index], at: index, in: queue) }
            fib.lookup(ipv4: queue, count: count, results: &results)
            #expect(results == zip(v4, roots4).map { fib.lookup(ipv4: $0, root: $1) })
            for index in 0..<count { fib.enqueue(ipv6: v6[index], root: roots6[index], at: index, in: queue) }
            fib.lookup(ipv6: queue, count: count, results: &results)
            #expect(results == zip(v6, roots6).map { fib.lookup(ipv6: $0, root: $1) })
        }
    }

    @Test func `a removed route gives way to the one that covers it, even where that one showed nowhere`() throws {
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 1)
        // Both halves of 10.1.2.0/23 have a next hop of their own, so that all slots of the node have one.
        for (text, hop) in [("10.1.2.0/23", 2), ("10.1.2.0/24", 1), ("10.1.3.0/24", 1)] {
            try tables.routes.set(#require(IPPrefix(text)), vrf: 1, nextHop: UInt32(hop))
        }
        func nextHops() -> [UInt32] {
            [0x0A01_0101, 0x0A01_0201, 0x0A01_0301, 0x0A01_0401].map {
                tables.reader.fib.lookup(ipv4: $0, root: tables.reader.ipv4Root(ofVRF: 1))
            }
        }
        #expect(nextHops() == [0, 1, 1, 0])
        try tables.routes.remove(#require(IPPrefix("10.1.2.0/24")), vrf: 1)
        #expect(nextHops() == [0, 2, 1, 0])
        try tables.routes.remove(#require(IPPrefix("10.1.2.0/23")), vrf: 1)
        #expect(nextHops() == [0, 0, 1, 0])
        try tables.routes.remove(#require(IPPrefix("10.1.3.0/24")), vrf: 1)
        #expect(tables.reader.ipv4Root(ofVRF: 1) == 0 && tables.routes.arenaBytesInUse == 0)
    }

    @Test func `a route needs a next hop and setting it twice is one route`() throws {
        let directory = try TemporaryDirectory()
        let tables = try TablesWriter(directory: directory.path, generation: 1, hashKey: 1)
        let prefix = try #require(IPPrefix("10.1.0.0/16"))
        #expect(throws: TablesError.noNextHop) { try tables.routes.set(prefix, vrf: 1, nextHop: 0) }
        try tables.routes.set(prefix, vrf: 1, nextHop: 4)
        try tables.routes.set(prefix, vrf: 1, nextHop: 5)
        #expect(tables.routes.count(vrf: 1, family: .ipv4) == 1)
        #expect(tables.routes.nextHop(of: prefix, vrf: 1) == 5)
        #expect(tables.reader.fib.lookup(ipv4: 0x0A01_0203, root: tables.reader.ipv4Root(ofVRF: 1)) == 5)
        #expect(tables.reader.fib.lookup(ipv4: 0x0A01_0203, root: tables.reader.ipv4Root(ofVRF: 2)) == 0)
        #expect(try tables.routes.remove(prefix, vrf: 2) == false)
    }
}
