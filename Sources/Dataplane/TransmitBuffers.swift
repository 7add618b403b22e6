import CDPDKShim
import CTableLayout
import Pipeline

/// What leaves a worker besides its bursts: fragments, injected frames and frames that other workers handed over. One
/// small buffer for each port, flushed when it is full and once per loop.
struct TransmitBuffers {
    /// Frames that a buffer holds: as many as a burst.
    private let depth = Burst.capacity

    /// A frame's departure, as the counters need it.
    struct Accounting {
        /// Interface whose counters a loss raises.
        var counter: UInt16
        /// Octets to count as transmitted on that interface; 0: counted where the frame came from.
        var bytes: UInt16

        @_noLocks
        init(counter: UInt16, bytes: UInt16) {
            self.counter = counter
            self.bytes = bytes
        }
    }

    /// `depth` entries for each of STILE_MAX_PORTS ports.
    private let frames: UnsafeMutablePointer<OpaquePointer?>
    private let accounting: UnsafeMutablePointer<Accounting>
    private let counts: UnsafeMutablePointer<Int>
    /// Ports whose buffer is not empty, one bit each.
    private var waiting: UInt64 = 0

    init() {
        let ports = Int(STILE_MAX_PORTS)
        frames = .allocate(capacity: ports * depth)
        frames.initialize(repeating: nil, count: ports * depth)
        accounting = .allocate(capacity: ports * depth)
        accounting.initialize(repeating: Accounting(counter: 0, bytes: 0), count: ports * depth)
        counts = .allocate(capacity: ports)
        counts.initialize(repeating: 0, count: ports)
    }

    func deallocate() {
        frames.deallocate()
        accounting.deallocate()
        counts.deallocate()
    }

    /// Takes a frame over. `port` is below STILE_MAX_PORTS.
    @_noLocks
    mutating func add(
        _ frame: OpaquePointer, port: UInt16, accounting entry: Accounting, departures: UnsafePointer<PortDeparture>,
        pipeline: UnsafeMutablePointer<WorkerState>
    ) {
        let number = Int(port)
        let slot = number &* depth &+ counts[number]
        frames[slot] = frame
        accounting[slot] = entry
        counts[number] &+= 1
        waiting |= 1 &<< UInt64(number)
        if counts[number] == depth { flush(number, departures: departures, pipeline: pipeline) }
    }

    /// Sends what waits, on every port.
    @_noLocks
    mutating func flush(departures: UnsafePointer<PortDeparture>, pipeline: UnsafeMutablePointer<WorkerState>) {
        while waiting != 0 {
            flush(waiting.trailingZeroBitCount, departures: departures, pipeline: pipeline)
        }
    }

    @_noLocks
    private mutating func flush(
        _ number: Int, departures: UnsafePointer<PortDeparture>, pipeline: UnsafeMutablePointer<WorkerState>
    ) {
        let first = frames + number &* depth
        let entries = accounting + number &* depth
        let count = counts[number]
        let departure = departures[number]
        var index = 0
        if case .handOver = departure.way {
            while index < count {
                if let frame = first[index] {
                    stile_mbuf_note_departure(frame, UInt16(truncatingIfNeeded: number), entries[index].counter)
                }
                index &+= 1
            }
        }
        let taken = departure.send(first, count: count)
        index = 0
        while index < count {
            let entry = entries[index]
            if index >= taken {
                pipeline.pointee.countDrop(departure.lossReason, counter: entry.counter)
            } else if entry.bytes > 0 {
                pipeline.pointee.countTransmitted(counter: entry.counter, bytes: Int(entry.bytes))
            }
            index &+= 1
        }
        if taken < count { stile_mbufs_free(first + taken, UInt32(truncatingIfNeeded: count &- taken)) }
        counts[number] = 0
        waiting &= ~(1 &<< UInt64(number))
    }
}
