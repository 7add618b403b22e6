/// What has been made unreachable and waits until no reader can still be looking at it.
///
/// The order of a change: unlink (release store), `retire`, raise the writer's epoch, `close` with the raised epoch.
/// A worker whose epoch is at least that one has begun a loop after the unlinking and cannot see the item.
public struct ReclamationQueue<Item> {
    private var items: [Item] = []
    private var firstItem = 0
    /// Items up to `end` (counted over the life of the queue) wait for `epoch`. Ascending in both.
    private var batches: [(epoch: UInt64, end: Int)] = []
    private var reclaimedCount = 0

    public init() {}

    /// The number of items that wait.
    public var count: Int { items.count - firstItem }

    public mutating func retire(_ item: Item) { items.append(item) }

    /// Everything retired since the last call waits until all readers have passed `epoch`.
    public mutating func close(epoch: UInt64) {
        let end = reclaimedCount + count
        guard end > batches.last?.end ?? reclaimedCount else { return }
        batches.append((epoch, end))
    }

    /// Takes out what is free when every reader's epoch is at least `epoch`, oldest first.
    public mutating func reclaim(passed epoch: UInt64, _ body: (Item) -> Void) {
        var done = 0
        for batch in batches {
            guard batch.epoch <= epoch else { break }
            while reclaimedCount < batch.end {
                body(items[firstItem])
                firstItem += 1
                reclaimedCount += 1
            }
            done += 1
        }
        batches.removeFirst(done)
        if firstItem > 1024, firstItem * 2 > items.count || firstItem == items.count {
            items.removeFirst(firstItem)
            firstItem = 0
        }
    }
}
