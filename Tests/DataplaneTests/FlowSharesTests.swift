import CTableLayout
import Dataplane
import Testing

@Suite struct FlowSharesTests {
    @Test(arguments: [(1, 1.0), (2, 0.25), (3, 0), (4, 0), (64, 0)])
    func theOwnerKeepsTheLessTheMoreWorkersThereAre(workers: Int, expected: Double) {
        #expect(abs(FlowShares.ownPart(workerCount: workers) - expected) < 0.001)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, Int(STILE_MAX_WORKERS)])
    func theOthersHaveEqualParts(workers: Int) {
        for owner in [0, workers / 2, workers - 1] {
            let table = FlowShares.workers(owner: owner, workerCount: workers)
            #expect(table.count == FlowShares.count)
            var counts = [Int](repeating: 0, count: workers)
            for worker in table { counts[Int(worker)] += 1 }
            let own = counts.remove(at: owner)
            let expected = FlowShares.ownPart(workerCount: workers) * Double(table.count)
            #expect(abs(Double(own) - expected) < 1)
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
        }
    }

    /// When fewer or more flows stay, those that belong to others keep their worker.
    @Test(arguments: [2, 3, 5, 16]) func theOthersPartsDoNotDependOnTheOwners(workers: Int) {
        for owner in [0, workers - 1] {
            let others = FlowShares.others(than: owner, workerCount: workers)
            let table = FlowShares.workers(owner: owner, workerCount: workers)
            let own = FlowShares.ownPlaces(workerCount: workers)
            #expect(table[..<own].allSatisfy { Int($0) == owner })
            #expect(table[own...] == others[own...])
            #expect(!others.contains(UInt8(owner)))
        }
    }
}
