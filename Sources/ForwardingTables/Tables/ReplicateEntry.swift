import CTableLayout

/// A label whose packets go to several at the same time, as its entry says it (stile_tables.h has the layout).
public struct ReplicateEntry: Hashable, Sendable {
    /// The number of a replication list; 0: it leads nowhere.
    public var list: UInt32
    /// How many labels have to be under this one.
    public var depth: UInt8
    /// Whether the label is valid from the addresses of its source set alone.
    public var isBySource: Bool

    public init(list: UInt32, depth: UInt8 = 0, isBySource: Bool = false) {
        self.list = list
        self.depth = depth
        self.isBySource = isBySource
    }

    /// `nil`: the entry's action is another.
    public init?(_ entry: stile_label_entry) {
        let replicate = unsafeBitCast(entry, to: stile_replicate_entry.self)
        guard UInt32(replicate.action) >> UInt32(STILE_LABEL_ACTION_SHIFT) == STILE_LABEL_REPLICATE.rawValue else {
            return nil
        }
        self.init(
            list: replicate.list, depth: replicate.depth,
            isBySource: UInt32(replicate.flags) & STILE_FLAG_BY_SOURCE.rawValue != 0)
    }

    public var entry: stile_label_entry {
        var replicate = stile_replicate_entry()
        replicate.list = list
        replicate.depth = depth
        replicate.flags = isBySource ? UInt8(truncatingIfNeeded: STILE_FLAG_BY_SOURCE.rawValue) : 0
        replicate.action = UInt8(
            truncatingIfNeeded: STILE_LABEL_REPLICATE.rawValue << UInt32(STILE_LABEL_ACTION_SHIFT))
        return unsafeBitCast(replicate, to: stile_label_entry.self)
    }
}
