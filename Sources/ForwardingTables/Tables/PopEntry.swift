import CTableLayout

/// A label whose packets belong to a unit and have their next hop from it instead of a lookup, as its entry says it
/// (stile_tables.h has the layout).
public struct PopEntry: Hashable, Sendable {
    /// How many next hops an entry can tell apart.
    static let nextHopLimit: UInt32 = 1 << 24

    /// The unit's record.
    public var interface: UInt16
    /// The number of a next hop that leads to a neighbor, or did; 0: nothing leads there any more.
    public var nextHop: UInt32
    /// `stile_interface_flags`: the families of its packets, STILE_FLAG_TRANSIT, STILE_FLAG_PROPAGATE_TTL and
    /// STILE_FLAG_BY_SOURCE.
    public var flags: UInt8

    /// - Parameter flags: STILE_FLAG_VALID in them, which says that there is a lookup, does not count.
    public init(interface: UInt16, nextHop: UInt32, flags: UInt8) {
        self.interface = interface
        self.nextHop = nextHop
        self.flags = flags & ~UInt8(STILE_FLAG_VALID.rawValue)
    }

    /// `nil`: the entry's action is another.
    public init?(_ entry: stile_label_entry) {
        let word = unsafeBitCast(entry, to: UInt64.self)
        guard word >> Self.actionShift == UInt64(STILE_LABEL_NEXT_HOP.rawValue) else { return nil }
        self.init(
            interface: entry.interface, nextHop: UInt32(truncatingIfNeeded: word >> 16) & (Self.nextHopLimit - 1),
            flags: entry.flags)
    }

    public var entry: stile_label_entry {
        let word =
            UInt64(interface) | UInt64(nextHop & (Self.nextHopLimit - 1)) << 16 | UInt64(flags) << 48
            | UInt64(STILE_LABEL_NEXT_HOP.rawValue) << Self.actionShift
        return unsafeBitCast(word, to: stile_label_entry.self)
    }

    /// Where the action is in the entry's word (`stile_label_action`).
    private static let actionShift = 56 + UInt64(STILE_LABEL_ACTION_SHIFT)
}
