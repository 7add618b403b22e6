import CTableLayout

/// A label that names a label space, as its entry says it (stile_tables.h has the layout).
public struct ContextEntry: Hashable, Sendable {
    /// The record of the space's table there; 0: none.
    public var table: UInt32

    public init(table: UInt32) { self.table = table }

    /// `nil`: the entry's action is another.
    public init?(_ entry: stile_label_entry) {
        let word = unsafeBitCast(entry, to: UInt64.self)
        guard word >> Self.actionShift == UInt64(STILE_LABEL_CONTEXT.rawValue) else { return nil }
        table = UInt32(truncatingIfNeeded: word)
    }

    public var entry: stile_label_entry {
        let word = UInt64(table) | UInt64(STILE_LABEL_CONTEXT.rawValue) << Self.actionShift
        return unsafeBitCast(word, to: stile_label_entry.self)
    }

    /// Where the action is in the entry's word (`stile_label_action`).
    private static let actionShift = 56 + UInt64(STILE_LABEL_ACTION_SHIFT)
}
