import PacketFormats
import Pipeline

/// A worker's ends of the rings between workers, and the frames of the burst in hand that wait for their ring.
struct WorkerSpread {
    /// Frames that wait for one ring: at most a burst.
    private let depth = Burst.capacity
    let workerCount: Int
    /// The places of a hash, of `FlowShares.count`, whose flows stay with this worker: all below.
    var ownPlaces: Int
    /// The worker for the flows of each place of a hash that do not stay.
    private let others: UnsafeMutablePointer<UInt8>
    /// By worker; `nil` for the own one.
    private let outgoing: UnsafeMutablePointer<OpaquePointer?>
    private let incoming: UnsafeMutablePointer<OpaquePointer?>
    let incomingCount: Int
    /// `depth` for each worker.
    private let staged: UnsafeMutablePointer<OpaquePointer?>
    private let counts: UnsafeMutablePointer<Int>

    init(worker: Int, rings: SpreadRings) {
        func placed(_ rings: [OpaquePointer?]) -> UnsafeMutablePointer<OpaquePointer?> {
            let place = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: max(rings.count, 1))
            for (index, ring) in rings.enumerated() { (place + index).initialize(to: ring) }
            return place
        }
        let out = rings.outgoing(of: worker)
        workerCount = out.count
        outgoing = placed(out)
        let into = rings.incoming(of: worker)
        incoming = placed(into)
        incomingCount = into.count
        ownPlaces = FlowShares.ownPlaces(workerCount: out.count)
        others = .allocate(capacity: FlowShares.count)
        for (place, other) in FlowShares.others(than: worker, workerCount: out.count).enumerated() {
            (others + place).initialize(to: other)
        }
        staged = .allocate(capacity: out.count * depth)
        staged.initialize(repeating: nil, count: out.count * depth)
        counts = .allocate(capacity: out.count)
        counts.initialize(repeating: 0, count: out.count)
    }

    func deallocate() {
        others.deallocate()
        outgoing.deallocate()
        incoming.deallocate()
        staged.deallocate()
        counts.deallocate()
    }

    /// The other worker that a flow belongs to; `nil`: this one.
    @_noLocks @inline(__always)
    func otherWorker(for hash: FlowHash) -> Int? {
        let place = hash.share(of: UInt32(truncatingIfNeeded: FlowShares.count))
        return place < ownPlaces ? nil : Int(others[place])
    }

    /// The ring from another worker, `index` below `incomingCount`.
    @_noLocks @inline(__always)
    func incomingRing(_ index: Int) -> OpaquePointer? { incoming[index] }

    /// The ring to another worker; `nil` for the own one.
    @_noLocks @inline(__always)
    func outgoingRing(_ worker: Int) -> OpaquePointer? { outgoing[worker] }

    /// Notes a frame for another worker. No more than a burst is noted before `takeStaged`.
    @_noLocks @inline(__always)
    func stage(_ frame: OpaquePointer, for worker: Int) {
        staged[worker &* depth &+ counts[worker]] = frame
        counts[worker] &+= 1
    }

    /// What was noted for a worker, in order; afterwards nothing is.
    @_noLocks @inline(__always)
    func takeStaged(for worker: Int) -> (frames: UnsafeMutablePointer<OpaquePointer?>, count: Int) {
        let count = counts[worker]
        counts[worker] = 0
        return (staged + worker &* depth, count)
    }
}
