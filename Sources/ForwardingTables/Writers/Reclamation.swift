/// Records that are no longer reachable, of all sections: each comes free when no worker can be looking at it any more.
final class Reclamation {
    private struct RetiredRange {
        let section: Int
        let first: UInt32
        let count: UInt32
    }

    /// Whether a data plane may have the tables. While `false`, what is retired is free at once.
    private(set) var isPublished = false
    private var sections: [SectionAllocator] = []
    private var retired = ReclamationQueue<RetiredRange>()
    /// How many times records have come free.
    private(set) var givenBackCount: UInt64 = 0

    /// Takes a section's records from now on: the result names the section.
    func add(_ section: SectionAllocator) -> Int {
        sections.append(section)
        return sections.count - 1
    }

    /// From now on readers may have the tables.
    func publish() { isPublished = true }

    /// Takes `count` records in a row that nothing leads to any more.
    func retire(_ section: Int, first: UInt32, count: Int) {
        let range = RetiredRange(section: section, first: first, count: UInt32(count))
        if isPublished { retired.retire(range) } else { giveBack(range) }
    }

    func close(epoch: UInt64) { retired.close(epoch: epoch) }

    func reclaim(passed epoch: UInt64) {
        retired.reclaim(passed: epoch) { giveBack($0) }
    }

    /// How many records and ranges of records wait.
    var retiredCount: Int { retired.count }

    private func giveBack(_ range: RetiredRange) {
        givenBackCount &+= 1
        sections[range.section].reclaim(range.first, count: Int(range.count))
    }
}
