import CTableLayout
import ForwardingTables
import SeededRandom
import Testing

/// Buckets stay with their members as far as they can, and are dealt evenly.
@Suite struct BucketAssignmentTests {
    private static func loads(_ assignment: BucketAssignment) -> [UInt8: Int] {
        assignment.holders.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test(arguments: 1...Int(STILE_GROUP_MEMBERS))
    func allMembersHaveAnEqualPart(count: Int) {
        let loads = Self.loads(BucketAssignment(permitted: (0..<count).map { UInt8($0) }))
        #expect(loads.count == count)
        #expect((loads.values.max() ?? 0) - (loads.values.min() ?? 0) <= 1)
    }

    /// Members go and come back at random: a death moves its own buckets alone, a return moves buckets to the one that is
    /// back alone, and all that can be used have their parts.
    @Test func onlyWhatHasToMoveDoes() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let count = 2 + random.below(15)
            let members = (0..<count).map { UInt8($0) }
            var assignment = BucketAssignment(permitted: members)
            let initial = assignment.holders
            var usable = Set(members)
            for _ in 0..<30 {
                let member = UInt8(random.below(count))
                let before = assignment.holders
                let isDeath = usable.contains(member)
                if isDeath { usable.remove(member) } else { usable.insert(member) }
                let wasEmpty = usable.count == (isDeath ? 0 : 1)
                let changed = assignment.follow(usable: usable.reduce(0) { $0 | 1 << UInt16($1) })
                let now = assignment.holders
                #expect(changed == before.indices.filter { before[$0] != now[$0] }, "STILE_SEED=\(random.seed)")
                guard !wasEmpty else { continue }
                #expect(Set(now).isSubset(of: usable), "STILE_SEED=\(random.seed)")
                #expect(
                    changed.allSatisfy { isDeath ? before[$0] == member : now[$0] == member },
                    "STILE_SEED=\(random.seed)")
                let loads = Self.loads(assignment)
                let fair = BucketAssignment.bucketCount / count
                #expect(usable.allSatisfy { loads[$0, default: 0] >= fair }, "STILE_SEED=\(random.seed)")
            }
            _ = assignment.follow(usable: .max)
            #expect(assignment.holders == initial, "STILE_SEED=\(random.seed)")
        }
    }

    /// A route that loses a path, or gets another, has another group: what leads to the same neighbors as before stays there.
    @Test(arguments: 2...Int(STILE_GROUP_MEMBERS))
    func anotherGroupTakesOver(count: Int) {
        let members = (0..<count).map { UInt8($0) }
        let full = BucketAssignment(permitted: members)
        let lost = BucketAssignment(
            permitted: Array(members.dropLast()), former: full.holders.map { $0 == count - 1 ? nil : $0 })
        for (before, now) in zip(full.holders, lost.holders) { #expect(now == before || before == count - 1) }
        let restored = BucketAssignment(permitted: members, former: lost.holders)
        var settled = restored
        _ = settled.follow(usable: .max)
        for (before, now) in zip(lost.holders, settled.holders) { #expect(now == before || now == count - 1) }
        let loads = Self.loads(settled).values
        #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
        #expect(loads.count == count)
    }

    @Test func withoutAnyThatCanBeUsedEachKeepsItsOwn() {
        var assignment = BucketAssignment(permitted: [1, 4])
        let before = assignment.holders
        _ = assignment.follow(usable: 1 << 4)
        #expect(Set(assignment.holders) == [4])
        _ = assignment.follow(usable: 0)
        #expect(assignment.holders == before)
    }
}
