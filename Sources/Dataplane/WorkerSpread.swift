import Pipeline

/// A worker's ends of the rings between workers, and the frames of the burst in hand that wait for their ring.
struct WorkerSpread {
    /// Frames that wait for one ring: at most a burst.
    private let depth = Burst.capacity
    private let worker: Int
    private let workerCount: Int
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
        self.worker = worker
        let out = rings.outgoing(of: worker)
        workerCount = out.count
        outgoing = placed(out)
        let into = rings.incoming(of: worker)
        incoming = placed(into)
        incomingCount = into.count
        staged = .allocate(capacity: out.count * depth)
        staged.initialize(repeating: nil, count: out.count * depth)
        counts = .allocate(capacity: out.count)
        counts.initialize(repeating: 0, count: out.count)
    }

    func deallocate() {
        outgoing.deallocate()
        incoming.deallocate()
        staged.deallocate()
        counts.deallocate()
    }

    /// Whether the frames of a share belong to this worker.
    @_noLocks @inline(__always)
    func isOwn(_ share: Int) -> Bool { share == worker }

    /// How many shares there are.
    var shares: UInt32 { @_noLocks @inline(__always) get { UInt32(truncatingIfNeeded: workerCount) } }

    /// The ring from another worker, `index` below `incomingCount`.
    @_noLocks @inline(__always)
    func incomingRing(_ index: Int) -> OpaquePointer? { incoming[index] }

    /// The ring to another worker; `nil` for the own one.
    @_noLocks @inline(__always)
    func outgoingRing(_ share: Int) -> OpaquePointer? { outgoing[share] }

    /// Notes a frame for another worker. No more than a burst is noted before `takeStaged`.
    @_noLocks @inline(__always)
    func stage(_ frame: OpaquePointer, for share: Int) {
        staged[share &* depth &+ counts[share]] = frame
        counts[share] &+= 1
    }

    /// What was noted for a worker, in order; afterwards nothing is.
    @_noLocks @inline(__always)
    func takeStaged(for share: Int) -> (frames: UnsafeMutablePointer<OpaquePointer?>, count: Int) {
        let count = counts[share]
        counts[share] = 0
        return (staged + share &* depth, count)
    }
}
