import CDPDKShim
import Pipeline

/// How a worker's frames leave by one port, as the worker's loop needs it.
struct PortDeparture {
    enum Way {
        /// The port is not open.
        case none
        /// By a transmit queue of this worker's own.
        case queue
        /// Over a ring to the worker that owns the queue.
        case handOver
    }

    var way: Way
    /// DPDK's number of the device.
    var device: UInt16
    var queue: UInt16
    /// The owner's ring.
    var handover: OpaquePointer?
    /// Whether a frame may be in several pieces.
    var takesPieces: Bool

    static var closed: PortDeparture {
        PortDeparture(way: .none, device: 0, queue: 0, handover: nil, takesPieces: false)
    }

    var isOpen: Bool {
        @_noLocks get {
            if case .none = way { false } else { true }
        }
    }

    /// Offers frames, in order; returns how many were taken. The others still belong to the caller.
    @_noLocks
    func send(_ frames: UnsafeMutablePointer<OpaquePointer?>, count: Int) -> Int {
        switch way {
        case .none:
            return 0
        case .queue:
            return Int(stile_transmit(device, queue, frames, UInt16(truncatingIfNeeded: count)))
        case .handOver:
            guard let handover else { return 0 }
            return Int(stile_handover_put(handover, frames, UInt32(truncatingIfNeeded: count)))
        }
    }

    /// What a frame that was not taken is counted as.
    var lossReason: DropReason {
        @_noLocks get { isOpen ? .transmitQueueFull : .egressPortDown }
    }
}
