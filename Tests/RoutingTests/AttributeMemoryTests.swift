import Addressing
import BGP
import Routing
import Testing

/// What the attributes of a neighbor's routes may take in memory.
@Suite struct AttributeMemoryTests {
    private static let limit = 100_000

    /// About 40,000 octets in memory each, different by number.
    private func large(_ number: UInt32) throws -> PathAttributes {
        var large = try attributes(targets: ["42:1"])
        large.communities = (0..<10_000).map { Community(rawValue: number << 16 | $0) }
        return large
    }

    private func owner(_ limit: Int = limit) throws -> (Owner, RoutingInputs) {
        let owner = Owner()
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.attributeMemoryOctets = limit
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        return (owner, inputs)
    }

    @discardableResult
    private func announce(
        _ prefixes: [Int], _ attributes: PathAttributes, to owner: Owner
    ) throws -> [RoutingEffect] {
        try prefixes.flatMap {
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    try announcement(vpn("65001:1", "10.\($0).0.0/16"), label: 500, attributes)))
        }
    }

    private func summary(_ owner: Owner) throws -> (octets: Int, held: Int, refused: UInt64) {
        let summary = try #require(owner.table.neighborSummary(FarEnd.first))
        let family = try #require(summary.families[.vpnv4])
        return (
            summary.attributeMemoryOctets, family.receivedCount, family.rejectedCount[.attributeMemory] ?? 0
        )
    }

    @Test func `what does not fit counts as withdrawn, and small attributes always fit`() throws {
        let (owner, _) = try owner()
        for number in 2..<7 { try announce([number], large(UInt32(number)), to: owner) }
        let large = try summary(owner)
        #expect(large.held == 2 && large.refused == 3)
        #expect(large.octets > 80_000 && large.octets <= Self.limit)
        try announce(Array(20..<40), attributes(targets: ["42:1"]), to: owner)
        #expect(try summary(owner).held == 22)
        // A route that is there goes when what takes its place does not fit.
        try announce([20], self.large(20), to: owner)
        #expect(try summary(owner).held == 21)
    }

    @Test func `one set counts once, in however many updates it comes`() throws {
        let (owner, _) = try owner()
        for number in 2..<60 { try announce([number], large(1), to: owner) }
        let held = try summary(owner)
        #expect(held.held == 58 && held.refused == 0 && held.octets < 50_000)
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                Update(withdrawing: try (2..<60).map { .vpn(try vpn("65001:1", "10.\($0).0.0/16")) })))
        #expect(try summary(owner).octets == 0)
    }

    @Test func `what was refused is asked for when half of the memory is free again`() throws {
        let (owner, _) = try owner()
        for number in 2..<5 { try announce([number], large(UInt32(number)), to: owner) }
        let asks = RoutingEffect.requestRefresh(neighbor: FarEnd.first, .vpnIPv4)
        let first = owner.handle(
            .update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(try vpn("65001:1", "10.2.0.0/16"))])))
        #expect(first.contains(asks))
        try announce([4], large(4), to: owner)
        #expect(try summary(owner).held == 2)
        // Nothing is refused any more, so nothing is asked for.
        let second = owner.handle(
            .update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(try vpn("65001:1", "10.4.0.0/16"))])))
        #expect(!second.contains(asks))
    }

    @Test func `a lower limit is obeyed at once and a higher one asks for the routes`() throws {
        let (owner, former) = try owner()
        var inputs = former
        for number in 2..<4 { try announce([number], large(UInt32(number)), to: owner) }
        inputs.neighbors[FarEnd.first]?.attributeMemoryOctets = 50_000
        owner.handle(.configure(inputs))
        #expect(try summary(owner).held == 1)
        inputs.neighbors[FarEnd.first]?.attributeMemoryOctets = Self.limit
        #expect(
            owner.handle(.configure(inputs)).contains(.requestRefresh(neighbor: FarEnd.first, .vpnIPv4)))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(try summary(owner).octets == 0)
    }
}
