import Addressing
import ForwardingTables
import SeededRandom
import Testing

/// Several VRFs in one table that is too small for all.
@Suite struct TableSharesTests {
    @Test func `beyond its part a VRF takes only what no other's part needs`() {
        let shares = TableShares(capacity: 100)
        shares.setParts([1: 30, 2: 20])
        #expect(shares[1].admits(80, inUse: 0))
        #expect(!shares[1].admits(81, inUse: 0))
        #expect(shares[3].admits(50, inUse: 0))
        #expect(!shares[3].admits(51, inUse: 0))
        shares[1].change(by: 80)
        #expect(!shares[1].admits(1, inUse: 80))
        #expect(!shares[3].admits(1, inUse: 80))
        #expect(shares[2].admits(20, inUse: 80))
        #expect(!shares[2].admits(21, inUse: 80))
        // What waits to be reused does not take a part away.
        #expect(shares[2].admits(20, inUse: 100))
        shares[1].change(by: -60)
        #expect(shares[2].admits(70, inUse: 20))
        #expect(!shares[2].admits(71, inUse: 20))
        #expect(shares[1].admits(10, pending: 0, inUse: 20))
        shares.setParts([2: 100])
        #expect(!shares[1].admits(1, inUse: 20))
    }

    @Test func `a full table still lets routes change and go`() throws {
        var random = SeededGenerator(seed: 17)
        let directory = try TemporaryDirectory()
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 128 << 10
        let tables = try TablesWriter(directory: directory.path, generation: 1, capacities: capacities, hashKey: 17)
        tables.routes.memory.setParts([1: 30 << 10, 2: 30 << 10])
        // With readers, what is replaced is not free at once.
        tables.markPublished()
        func prefix() -> IPPrefix {
            IPPrefix(
                covering: .ipv4(IPv4Address(rawValue: UInt32.random(in: 1 << 24...200 << 24, using: &random))),
                length: 24)
                ?? IPPrefix(host: .ipv4(IPv4Address(rawValue: 0)))
        }
        var routes: Set<IPPrefix> = []
        var epoch: UInt64 = 0
        func endBatch() {
            epoch += 1
            tables.closeEpoch(epoch)
            tables.reclaim(passed: epoch)
        }
        var refused = 0
        while refused < 50 {
            let prefix = prefix()
            do {
                try tables.routes.set(prefix, vrf: 1, nextHop: 7)
                routes.insert(prefix)
            } catch {
                refused += 1
            }
            endBatch()
        }
        // The other has its part.
        for _ in 0..<400 {
            try tables.routes.set(prefix(), vrf: 2, nextHop: 8)
            endBatch()
        }
        #expect(tables.routes.byteCount(vrf: 2, family: .ipv4) < 30 << 10)
        for prefix in routes {
            try tables.routes.set(prefix, vrf: 1, nextHop: 9)
            endBatch()
        }
        for prefix in routes {
            #expect(try tables.routes.remove(prefix, vrf: 1))
            endBatch()
        }
        #expect(tables.routes.memory[1].used == 0)
        try tables.removeVRF(2)
        endBatch()
        #expect(tables.routes.arenaBytesInUse == 0)
        #expect(tables.routes.memory[2].used == 0)
    }
}
