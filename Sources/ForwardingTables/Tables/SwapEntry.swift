import CTableLayout

/// A label that is swapped, as its entry says it (stile_tables.h has the layout).
public struct SwapEntry: Hashable, Sendable {
    /// The number of a next hop of kind *swap*.
    public var nextHop: UInt32
    /// How many labels have to be under this one: 0 under a VPN label, 1 where the label leads to a PE and the VPN label is
    /// under it.
    public var depth: UInt8
    /// What else is said of what is under it.
    public var options: SwapOptions
    /// Whether what came in by an NNI may leave by one.
    public var mayTransit: Bool
    /// Whether the label is valid from the addresses of its source set alone.
    public var isBySource: Bool

    /// Of a label that leads nowhere any more, whoever uses it.
    public static let withdrawn = SwapEntry(nextHop: 0, mayTransit: false, isBySource: false)

    public init(
        nextHop: UInt32, depth: UInt8 = 0, options: SwapOptions = [], mayTransit: Bool, isBySource: Bool
    ) {
        self.nextHop = nextHop
        self.depth = depth
        self.options = options
        self.mayTransit = mayTransit
        self.isBySource = isBySource
    }

    /// `nil`: the entry's action is another.
    public init?(_ entry: stile_label_entry) {
        let swap = unsafeBitCast(entry, to: stile_swap_entry.self)
        guard UInt32(swap.action) >> UInt32(STILE_LABEL_ACTION_SHIFT) == STILE_LABEL_SWAP.rawValue else { return nil }
        let flags = UInt32(swap.flags)
        self.init(
            nextHop: swap.next_hop, depth: swap.depth, options: SwapOptions(rawValue: swap.options),
            mayTransit: flags & STILE_FLAG_TRANSIT.rawValue != 0,
            isBySource: flags & STILE_FLAG_BY_SOURCE.rawValue != 0)
    }

    public var entry: stile_label_entry {
        var swap = stile_swap_entry()
        swap.next_hop = nextHop
        swap.depth = depth
        swap.options = options.rawValue
        let flags =
            (mayTransit ? STILE_FLAG_TRANSIT.rawValue : 0) | (isBySource ? STILE_FLAG_BY_SOURCE.rawValue : 0)
        swap.flags = UInt8(truncatingIfNeeded: flags)
        swap.action = UInt8(truncatingIfNeeded: STILE_LABEL_SWAP.rawValue << UInt32(STILE_LABEL_ACTION_SHIFT))
        return unsafeBitCast(swap, to: stile_label_entry.self)
    }
}

/// What may be under a label that is swapped, beside what its depth says (`stile_swap_option`).
public struct SwapOptions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    private init(_ option: stile_swap_option) { rawValue = UInt8(truncatingIfNeeded: option.rawValue) }

    /// Two labels more: an entropy label and its indicator (RFC 6790).
    public static let entropy = Self(STILE_SWAP_ENTROPY)
    /// Nothing but BGP and ICMP between the addresses that the interface lists.
    public static let sessions = Self(STILE_SWAP_SESSIONS)
    /// Nothing but IPv6.
    public static let ipv6 = Self(STILE_SWAP_IPV6)
    /// As many labels as the depth says, or fewer; an entropy label and its indicator may be among them.
    public static let upTo = Self(STILE_SWAP_UP_TO)
    /// An Ethernet frame.
    public static let frame = Self(STILE_SWAP_FRAME)
}
