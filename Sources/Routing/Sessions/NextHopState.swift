/// Whether packets can be sent to the next hop of a neighbor's routes, which is the neighbor itself. The lower is preferred.
public enum NextHopState: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    /// The neighbor's Ethernet address is known.
    case resolved
    /// It is not known, or the neighbor does not answer. Its routes are used only where there is nothing else: packets
    /// are what it is asked for again.
    case unresolved
    /// There is no link to the neighbor. Its routes are not used.
    case unreachable

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
