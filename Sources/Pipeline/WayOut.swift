import CTableLayout
import ForwardingTables

/// A next hop as it is at one moment: its word is read once, and its link's once, so that all that is decided about a
/// packet is decided by the same.
struct WayOut {
    let number: UInt32
    let nextHop: NextHop
    /// An index in the tables, or another `stile_adjacency_index`.
    let adjacency: UInt32

    @_noLocks @inline(__always)
    init(number: UInt32, _ tables: TablesReader) {
        self.number = number
        nextHop = tables.nextHop(number)
        adjacency = tables.adjacency(of: nextHop)
    }

    /// None: next hop 0.
    @_noLocks @inline(__always)
    private init() {
        number = 0
        nextHop = .none
        adjacency = 0
    }

    static var none: Self { @_noLocks @inline(__always) get { Self() } }

    /// Whether it leads out to a neighbor whose Ethernet address is known.
    var leadsOut: Bool {
        @_noLocks @inline(__always) get { nextHop.leadsOut(by: adjacency) }
    }

    /// Makes it that of packet `index`, and fetches what Departure reads of it.
    @_noLocks @inline(__always)
    func take(_ index: Int, _ burst: Burst, _ tables: TablesReader) {
        let adjacency = tables.adjacencies + Int(adjacency)
        stile_prefetch(adjacency)
        stile_prefetch(tables.interfaces + Int(nextHop.interface))
        burst.nextHop[index] = nextHop
        burst.adjacency[index] = adjacency
    }
}

extension WorkerState {
    /// Gives packet `index` the way out that a route map has for it.
    @_noLocks @inline(__always)
    mutating func steer(_ index: Int, by wayOut: WayOut) {
        wayOut.take(index, burst, tables)
        burst.steeredNumber[index] = wayOut.number
        steered |= 1 &<< UInt64(truncatingIfNeeded: index)
    }

    /// The interface that a packet leaves by whose next hop has one.
    @_noLocks @inline(__always)
    public func egress(of index: Int) -> UnsafePointer<stile_interface> {
        tables.interfaces + Int(burst.nextHop[index].interface)
    }

    /// The index of a packet's adjacency in the tables, or another `stile_adjacency_index`.
    @_noLocks @inline(__always)
    func adjacencyIndex(of index: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: burst.adjacency[index] - tables.adjacencies)
    }
}
