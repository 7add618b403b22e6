/// The times of neighbor resolution. The defaults are those of RFC 4861 §10 where it has them.
public struct NeighborTiming: Hashable, Sendable {
    /// How long an address counts as confirmed (REACHABLE_TIME).
    public var reachable: Duration = .seconds(30)
    /// How long it is used after that before it is asked for again.
    public var stale: Duration = .seconds(30)
    /// Between solicitations (RETRANS_TIMER).
    public var retransmission: Duration = .seconds(1)
    /// How many solicitations go unanswered before the neighbor has failed (MAX_MULTICAST_SOLICIT).
    public var solicitations = 3
    /// How long a failed neighbor that no route needs is remembered, so that packets to it are refused at once.
    public var failureMemory: Duration = .seconds(20)
    /// Between attempts to reach a failed neighbor that a route or a packet needs.
    public var retry: Duration = .seconds(3)
    /// The shortest time between two defences of an own address (DEFEND_INTERVAL, RFC 5227 §1.1).
    public var defence: Duration = .seconds(10)

    public init() {}
}

/// What bounds the memory that neighbors can take, whatever is sent.
public struct NeighborLimits: Hashable, Sendable {
    /// Neighbors on one interface, those that routes need not counted.
    public var neighborsPerInterface = 4096
    /// How many of them may be hosts that packets asked for and that never answered; the oldest goes first.
    public var unansweredPerInterface = 1024
    /// Packets that wait for one neighbor; the oldest goes first (RFC 4861 §7.2.2).
    public var packetsPerNeighbor = 8
    /// Packets that wait for neighbors of one interface, so that a scan there leaves room for the others.
    public var packetsPerInterface = 256
    /// Packets that wait in all.
    public var packets = 2048

    public init() {}
}
