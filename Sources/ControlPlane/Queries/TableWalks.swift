/// The keys of large tables that are being shown, each sorted once for all pages that are asked for one after the other.
///
/// A page says where the one before it ended, so that nothing depends on the keys being here: they are sorted again when
/// somebody goes on late. However many clients there are and however slowly they read, there are only so many tables here.
struct TableWalks<Table: Hashable & Sendable, Key: Comparable & Sendable> {
    private struct Walk {
        let keys: [Key]
        var usedAt: Duration
    }

    private var walks: [Table: Walk] = [:]

    private static var mostWalks: Int { 4 }
    private static var longestPause: Duration { .seconds(10) }

    /// Keeps a table's keys, which are in ascending order.
    mutating func keep(_ keys: [Key], of table: Table, now: Duration) {
        walks[table] = Walk(keys: keys, usedAt: now)
        guard walks.count > Self.mostWalks, let oldest = walks.min(by: { $0.value.usedAt < $1.value.usedAt }) else {
            return
        }
        walks[oldest.key] = nil
    }

    /// The table's keys above `after`, at most `limit`; `nil` if they are not here.
    mutating func keys(of table: Table, after: Key?, limit: Int, now: Duration) -> ArraySlice<Key>? {
        guard let keys = walks[table]?.keys else { return nil }
        walks[table]?.usedAt = now
        guard let after else { return keys.prefix(limit) }
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] <= after { low = middle + 1 } else { high = middle }
        }
        return keys[low...].prefix(limit)
    }

    /// Forgets the tables that nobody goes on with.
    mutating func forgetUnused(now: Duration) {
        guard !walks.isEmpty else { return }
        walks = walks.filter { now - $0.value.usedAt < Self.longestPause }
    }
}

/// What asking for a page leads to.
enum PageAnswer<Page: Sendable, Table: Hashable & Sendable, Key: Comparable & Sendable>: Sendable {
    case page(Page)
    /// The keys of this table are to be sorted first, beside the event loop.
    case unsorted(Table, [Key])
}
