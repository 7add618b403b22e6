import CTableLayout

/// The change of how many flows stay with the worker that receives them, without a packet overtaking another.
///
/// A flow's next packet may take another way only when those before it have left. So the worker takes nothing from the
/// queues that it spreads (packets wait there meanwhile, as they do while it is busy) until all that it received before
/// has gone through the rings between workers and out: some tens of microseconds.
public struct ShareChange {
    /// The words that count what has been put in a ring and what has been taken out.
    public struct Ring {
        public var filled: UnsafePointer<UInt32>
        public var emptied: UnsafePointer<UInt32>

        public init(filled: UnsafePointer<UInt32>, emptied: UnsafePointer<UInt32>) {
            self.filled = filled
            self.emptied = emptied
        }
    }

    /// One of the workers, this one included.
    public struct Peer {
        var statistics: UnsafePointer<stile_worker>
        var handover: Ring
        /// From this worker; `nil` for itself.
        var spread: Ring?
        /// `statistics.loops` when the phase began.
        var turn: UInt64 = 0
        /// How far the ring in question was filled when the phase began.
        var filled: UInt32 = 0

        /// - Parameters:
        ///   - handover: of frames for transmit queues that the peer owns.
        ///   - spread: of received frames from this worker to the peer; `nil` for itself.
        public init(statistics: UnsafePointer<stile_worker>, handover: Ring, spread: Ring?) {
            self.statistics = statistics
            self.handover = handover
            self.spread = spread
        }
    }

    /// What the worker is to do in the turn that begins.
    public enum Step: Sendable {
        /// Receive; a change will be tried later.
        case receive
        /// Receive nothing from queues that are spread.
        case wait
        /// Share anew, and receive.
        case share
    }

    /// What is being waited for. What a ring has given out, a worker has in hand; it has left, or lies in the next ring,
    /// when that worker begins another turn.
    private enum Phase {
        case none
        case spreadRings
        case turnsAfterSpread
        /// The rings to the owners of transmit queues, as far as they were filled: others fill them all the time.
        case handoverRings
        case turnsAfterHandover
    }

    private let longestCycles: UInt64
    private let retryCycles: UInt64
    private let peers: UnsafeMutablePointer<Peer>
    private let peerCount: Int
    private var phase = Phase.none
    private var deadline: UInt64 = 0
    private var notBefore: UInt64 = 0

    /// - Parameters:
    ///   - longestCycles: after which a change is given up, so that the queue does not overflow: a worker may sleep, or
    ///     have lost its processor.
    ///   - retryCycles: until it is tried again.
    public init(_ peers: [Peer], longestCycles: UInt64, retryCycles: UInt64) {
        self.longestCycles = longestCycles
        self.retryCycles = retryCycles
        peerCount = peers.count
        self.peers = .allocate(capacity: max(peers.count, 1))
        for (index, peer) in peers.enumerated() { (self.peers + index).initialize(to: peer) }
    }

    public func deallocate() { peers.deallocate() }

    /// Goes on with a change, between two turns.
    ///
    /// - Parameter now: of the processor's counter.
    @_noLocks
    public mutating func advance(now: UInt64) -> Step {
        switch phase {
        case .none:
            guard now >= notBefore else { return .receive }
            deadline = now &+ longestCycles
            note()
            phase = .spreadRings
        case .spreadRings:
            if areEmptied(handovers: false) {
                note()
                phase = .turnsAfterSpread
            }
        case .turnsAfterSpread:
            if haveTurned {
                note()
                phase = .handoverRings
            }
        case .handoverRings:
            if areEmptied(handovers: true) {
                note()
                phase = .turnsAfterHandover
            }
        case .turnsAfterHandover:
            if haveTurned {
                phase = .none
                return .share
            }
        }
        guard now < deadline else {
            phase = .none
            notBefore = now &+ retryCycles
            return .receive
        }
        return .wait
    }

    /// No change is wanted any more.
    @_noLocks
    public mutating func cancel() { phase = .none }

    /// Takes down where everybody is: turns, and how far the rings of the phase that begins are filled.
    @_noLocks
    private func note() {
        var index = 0
        while index < peerCount {
            let peer = peers + index
            peer.pointee.turn = stile_load_acquire_u64(stile_worker_loops(peer.pointee.statistics))
            peer.pointee.filled = stile_load_acquire_u32(peer.pointee.handover.filled)
            index &+= 1
        }
    }

    @_noLocks
    private func areEmptied(handovers: Bool) -> Bool {
        var index = 0
        while index < peerCount {
            let peer = peers[index]
            if handovers {
                guard isEmptied(peer.handover, until: peer.filled) else { return false }
            } else if let spread = peer.spread {
                // This worker alone fills it, and does not now.
                guard isEmptied(spread, until: stile_load_acquire_u32(spread.filled)) else { return false }
            }
            index &+= 1
        }
        return true
    }

    @_noLocks
    private func isEmptied(_ ring: Ring, until filled: UInt32) -> Bool {
        Int32(bitPattern: stile_load_acquire_u32(ring.emptied) &- filled) >= 0
    }

    /// Whether everybody has begun another turn, or sleeps, which is between two turns.
    private var haveTurned: Bool {
        @_noLocks get {
            var index = 0
            while index < peerCount {
                let statistics = peers[index].statistics
                if stile_load_acquire_u64(stile_worker_loops(statistics)) == peers[index].turn,
                    stile_load_acquire_u64(stile_worker_epoch(statistics)) != STILE_EPOCH_OFFLINE
                {
                    return false
                }
                index &+= 1
            }
            return true
        }
    }
}
