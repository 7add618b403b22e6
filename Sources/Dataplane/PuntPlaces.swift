import CTableLayout
import ForwardingTables

/// Who may take the places of a worker's punt ring.
///
/// The control process may be busy for a while, and the ring fills up. As long as packets of an interface wait there, it
/// takes another place only while it holds fewer than are left to take: however many interfaces send all that their
/// rates allow, some places stay free for one that has not sent anything yet. What strangers can provoke may take half as
/// many, and leaves a quarter of the ring to configured and known neighbors.
public struct PuntPlaces: @unchecked Sendable {
    /// By an interface's counter: how many places it holds. Number 0 stands for those that are not below `counterCount`.
    private let held: UnsafeMutablePointer<UInt16>
    private let counterCount: Int
    /// The counter that each place was taken for.
    private let holders: UnsafeMutablePointer<UInt16>
    /// The ring's index up to which places have been given back.
    private var returned: UInt64

    private static var reserve: UInt64 { @_noLocks @inline(__always) get { UInt64(STILE_PUNT_SLOTS) / 4 } }

    /// Freed by `deallocate`. What waits in the ring already is nobody's.
    public init(ring: PuntRing, counterCount: Int) {
        self.counterCount = counterCount
        held = .allocate(capacity: counterCount)
        held.initialize(repeating: 0, count: counterCount)
        holders = .allocate(capacity: Int(STILE_PUNT_SLOTS))
        holders.initialize(repeating: 0, count: Int(STILE_PUNT_SLOTS))
        returned = ring.producerIndex
    }

    public func deallocate() {
        held.deallocate()
        holders.deallocate()
    }

    /// The slot to fill and then commit for a packet of the interface; `nil` when it may not take one.
    ///
    /// - Parameter isNeighbors: whether a configured or known neighbor sent the packet.
    @_noLocks
    public mutating func reserve(
        for counter: UInt16, isNeighbors: Bool, in ring: PuntRing
    ) -> UnsafeMutablePointer<stile_punt_slot>? {
        let end = ring.producerIndex
        let consumed = ring.consumerIndex
        // Ends at `end` whatever the other process says that it has read.
        while returned != end, returned != consumed {
            held[Int(holders[Self.place(returned)])] &-= 1
            returned &+= 1
        }
        let waiting = end &- consumed
        guard waiting < UInt64(STILE_PUNT_SLOTS) else { return nil }
        let free = UInt64(STILE_PUNT_SLOTS) &- waiting
        let allowance = isNeighbors ? free : free > Self.reserve ? (free &- Self.reserve) / 2 : 0
        let holder = Int(counter) < counterCount ? counter : 0
        guard UInt64(held[Int(holder)]) < allowance, let slot = ring.reserve() else { return nil }
        held[Int(holder)] &+= 1
        holders[Self.place(end)] = holder
        return slot
    }

    @_noLocks @inline(__always)
    private static func place(_ index: UInt64) -> Int {
        Int(truncatingIfNeeded: index & (UInt64(STILE_PUNT_SLOTS) &- 1))
    }
}
