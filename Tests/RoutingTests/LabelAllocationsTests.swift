import Addressing
import BGP
import Routing
import SeededRandom
import Testing

@Suite struct LabelAllocationsTests {
    private func owner(_ vrf: String, _ distinguisher: UInt64 = 1, system: UInt32 = 65001) -> LabelOwner {
        LabelOwner(
            vrf: VRFIdentity(name: vrf, routeDistinguisher: RouteDistinguisher(rawValue: distinguisher)),
            neighbor: NeighborIdentity(address: FarEnd.first.address, autonomousSystem: system, nni: "ten1/0"))
    }

    @Test func `labels are drawn from all over a block of the range, in no order, and kept`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 5)
        let drawn = (0..<1000).compactMap { number in
            labels.allocate(for: owner("v\(number)"), from: 70_000...129_999, using: &generator)?.rawValue
        }
        #expect(Set(drawn).count == 1000)
        #expect(drawn.allSatisfy { (70_000...129_999).contains($0) })
        for tenth in 0..<10 {
            let count = drawn.count { ($0 - 70_000) / 6_000 == tenth }
            #expect((60...140).contains(count), "of 1,000 labels \(count) are in tenth \(tenth)")
        }
        #expect(zip(drawn, drawn.dropFirst()).count { $0 < $1 } < 600)
        let first = try #require(drawn.first)
        #expect(labels.allocate(for: owner("v0"), from: 500...502, using: &generator)?.rawValue == first)
        #expect(labels.holder(of: try label(first)) == owner("v0"))
    }

    @Test func `a new box takes a block at random, keeps to it over restarts, and goes on to the next when it is full`()
    {
        let whole: ClosedRange<UInt32> = 16...1_048_575
        func blocks(_ labels: LabelAllocations) -> Set<UInt32> { Set(labels.labels.values.map { $0.rawValue >> 16 }) }
        var seen: Set<UInt32> = []
        for seed in 0..<64 {
            var labels = LabelAllocations()
            var generator = SeededGenerator(seed: UInt64(seed))
            for number in 0..<20 { _ = labels.allocate(for: owner("v\(number)"), from: whole, using: &generator) }
            var again = LabelAllocations(labels: labels.labels, quarantine: [:]) ?? LabelAllocations()
            for number in 20..<40 { _ = again.allocate(for: owner("v\(number)"), from: whole, using: &generator) }
            #expect(blocks(again).count == 1)
            seen.formUnion(blocks(again))
        }
        #expect(seen.count >= 12, "of 16 blocks 64 boxes took \(seen.count)")
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 11)
        let range: ClosedRange<UInt32> = 65_526...65_546
        for number in 0..<21 { _ = labels.allocate(for: owner("v\(number)"), from: range, using: &generator) }
        #expect(labels.labels.count == 21, "both blocks are full")
    }

    @Test func `another route distinguisher, AS or name is another owner`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 6)
        let owners = [owner("a"), owner("a", 2), owner("a", system: 65002), owner("b")]
        let given = owners.map { labels.allocate(for: $0, from: 100...103, using: &generator)?.rawValue ?? 0 }
        #expect(given.sorted() == [100, 101, 102, 103])
        #expect(labels.allocate(for: owner("c"), from: 100...103, using: &generator) == nil)
    }

    @Test func `reserved labels and labels of more than 20 bits are never given`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 7)
        func allocate(_ vrf: String, _ range: ClosedRange<UInt32>) -> UInt32? {
            labels.allocate(for: owner(vrf), from: range, using: &generator)?.rawValue
        }
        #expect(allocate("a", 0...15) == nil)
        #expect(allocate("a", 0...16) == 16)
        #expect(allocate("b", 1_048_575...2_000_000) == 1_048_575)
        #expect(allocate("c", 1_048_575...2_000_000) == nil)
        #expect(allocate("c", 3_000_000...4_000_000) == nil)
    }

    @Test func `a label in quarantine goes to its former owner only`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 8)
        let only = try label(100)
        _ = labels.allocate(for: owner("a"), from: 100...100, using: &generator)
        labels.release(owner("a"), now: seconds(10), quarantineSeconds: 300)
        labels.endQuarantines(now: seconds(309))
        #expect(labels.allocate(for: owner("b"), from: 100...100, using: &generator) == nil)
        #expect(labels.allocate(for: owner("a", 2), from: 100...100, using: &generator) == nil, "another VRF")
        #expect(labels.allocate(for: owner("a"), from: 100...100, using: &generator) == only)
        labels.release(owner("a"), now: seconds(309), quarantineSeconds: 300)
        labels.endQuarantines(now: seconds(609))
        #expect(labels.allocate(for: owner("b"), from: 100...100, using: &generator) == only)
        #expect(labels.quarantine.isEmpty)
    }

    @Test func `of quarantines that end together so many end at once, and those of labels in use go on`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 8)
        for name in ["a", "b", "c", "d", "e"] {
            _ = labels.allocate(for: owner(name), from: 100...200, using: &generator)
            labels.release(owner(name), now: seconds(0), quarantineSeconds: 300)
        }
        let isUsed = { (other: LabelOwner, _: MPLSLabel) in other == owner("c") }
        var ended: [LabelOwner?] = []
        for _ in 0..<3 {
            let some = labels.endQuarantines(now: seconds(300), limit: 2, bySeconds: 60, unless: isUsed)
            #expect(some.count <= 2)
            ended += some.map(\.owner)
        }
        #expect(Set(ended) == Set(["a", "b", "d", "e"].map { owner($0) }) && ended.count == 4)
        #expect(labels.quarantine.count == 1)
        #expect(labels.endQuarantines(now: seconds(359)).isEmpty)
        #expect(labels.endQuarantines(now: seconds(360)).map(\.owner) == [owner("c")])
    }

    @Test func `a label of which nothing is known is nobody's until the quarantine is over`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 9)
        _ = labels.allocate(for: owner("a"), from: 100...100, using: &generator)
        labels.quarantine(try label(100), until: seconds(300))
        #expect(labels.labels.isEmpty)
        #expect(labels.allocate(for: owner("a"), from: 100...100, using: &generator) == nil)
        labels.endQuarantines(now: seconds(300))
        #expect(labels.allocate(for: owner("b"), from: 100...100, using: &generator) == (try label(100)))
    }

    @Test func `16,000 labels fill a range of as many in a moment`() throws {
        var labels = LabelAllocations()
        var generator = SeededGenerator(seed: 10)
        let owners = (0..<16_000).map { owner("v\($0)") }
        let clock = ContinuousClock()
        let duration = clock.measure {
            for owner in owners { _ = labels.allocate(for: owner, from: 16...16_015, using: &generator) }
        }
        #expect(labels.labels.count == 16_000)
        #expect(duration < .seconds(3), "it took \(duration)")
    }

    @Test func `saved allocations that contradict themselves are refused`() throws {
        let (first, second) = (try label(100), try label(101))
        let entry = LabelAllocations.Quarantined(owner: owner("c"), until: seconds(0))
        #expect(LabelAllocations(labels: [owner("a"): first, owner("b"): second], quarantine: [:]) != nil)
        #expect(LabelAllocations(labels: [owner("a"): first, owner("b"): first], quarantine: [:]) == nil)
        #expect(LabelAllocations(labels: [owner("a"): first], quarantine: [first: entry]) == nil)
        #expect(LabelAllocations(labels: [owner("a"): try label(3)], quarantine: [:]) == nil)
    }

    @Test func `exhaustion is reported per VRF and neighbor and ends with a quarantine`() throws {
        var inputs = try noteInputs()
        inputs.labelRange = 1000...1001
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.log == [.labelsExhausted(vrf: "two", neighbor: FarEnd.first)])
        #expect(owner.sent[FarEnd.first]?.count == 2)
        #expect(owner.endOfRIBSent[FarEnd.first]?.count == 2)
        let former = allocated(owner.table, "one")
        inputs.vrfs["one"] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?.count == 1)
        owner.advance(to: seconds(299))
        #expect(allocated(owner.table, "two") == nil)
        owner.advance(to: seconds(300))
        owner.drain()
        #expect(allocated(owner.table, "two") == former)
        #expect(owner.sent[FarEnd.first]?.count == 2)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a quarantine that would end too late, because the clock was set back, is shortened`() throws {
        let entry = LabelAllocations.Quarantined(owner: owner("gone"), until: seconds(1_000_000))
        let labels = try #require(LabelAllocations(labels: [:], quarantine: [try label(1000): entry]))
        let table = Owner(RoutingTable(labels: labels))
        table.handle(.configure(try noteInputs()))
        #expect(table.table.labels.quarantine[try label(1000)]?.until == seconds(300))
        #expect(allocated(table.table, "one").map { $0 != (MPLSLabel(rawValue: 1000)) } == true)
    }
}
