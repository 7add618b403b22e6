import CDPDKShim
import CTableLayout
import Pipeline

/// What leaves a worker besides its bursts: injected frames, copies and frames that other workers handed over. One small buffer
/// for each port, flushed when it is full and once per loop.
struct TransmitBuffers {
    /// Frames that a buffer holds: as many as a burst.
    private let depth = Burst.capacity

    /// A frame's departure, as the counters need it.
    private struct Entry {
        var note: stile_departure_note
        /// Octets of the frame; when it is sent, it is not ours to ask any more.
        var bytes: Int
    }

    /// `depth` entries for each of STILE_MAX_PORTS ports.
    private let frames: UnsafeMutablePointer<OpaquePointer?>
    private let entries: UnsafeMutablePointer<Entry>
    private let counts: UnsafeMutablePointer<Int>
    /// Ports whose buffer is not empty, one bit each.
    private var waiting: UInt64 = 0

    init() {
        let ports = Int(STILE_MAX_PORTS)
        frames = .allocate(capacity: ports * depth)
        frames.initialize(repeating: nil, count: ports * depth)
        entries = .allocate(capacity: ports * depth)
        entries.initialize(repeating: Entry(note: stile_departure_note(), bytes: 0), count: ports * depth)
        counts = .allocate(capacity: ports)
        counts.initialize(repeating: 0, count: ports)
    }

    func deallocate() {
        frames.deallocate()
        entries.deallocate()
        counts.deallocate()
    }

    /// Takes a frame over. The port in `note` is below STILE_MAX_PORTS.
    @_noLocks
    mutating func add(
        _ frame: OpaquePointer, _ note: stile_departure_note, departures: UnsafePointer<PortDeparture>,
        pipeline: UnsafeMutablePointer<WorkerState>
    ) {
        let number = Int(note.port)
        let slot = number &* depth &+ counts[number]
        frames[slot] = frame
        entries[slot].note = note
        entries[slot].bytes = Int(stile_mbuf_total_length(frame))
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
        let entries = entries + number &* depth
        let count = counts[number]
        let departure = departures[number]
        var isHandOver = false
        if case .handOver = departure.way {
            isHandOver = true
            var index = 0
            while index < count {
                if let frame = first[index] { stile_mbuf_note_departure(frame, entries[index].note) }
                index &+= 1
            }
        }
        let taken = departure.send(first, count: count)
        var index = 0
        while index < count {
            let entry = entries[index]
            if index >= taken {
                countLoss(of: first[index], entry, reason: departure.lossReason, pipeline)
            } else if !isHandOver, entry.note.is_counted == 0 {
                pipeline.pointee.countTransmitted(counter: entry.note.counter, bytes: entry.bytes)
                if entry.note.nni_counter != entry.note.counter {
                    pipeline.pointee.countTransmitted(counter: entry.note.nni_counter, bytes: entry.bytes)
                }
            }
            index &+= 1
        }
        if taken < count { stile_mbufs_free(first + taken, UInt32(truncatingIfNeeded: count &- taken)) }
        counts[number] = 0
        waiting &= ~(1 &<< UInt64(number))
    }

    /// A fragment's counter is known to the worker that made it only; its port and VLAN tags name the interface.
    @_noLocks
    private func countLoss(
        of frame: OpaquePointer?, _ entry: Entry, reason: DropReason, _ pipeline: UnsafeMutablePointer<WorkerState>
    ) {
        var counter = entry.note.counter
        if entry.note.is_counted == 1, let frame {
            counter = FrameInterface.counter(
                of: stile_mbuf_data(frame), bytes: entry.bytes, port: entry.note.port, in: pipeline.pointee.tables)
        }
        pipeline.pointee.countDrop(reason, counter: counter)
    }
}
