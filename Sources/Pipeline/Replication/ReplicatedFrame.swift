import CTableLayout
import ForwardingTables
import PacketFormats

/// The frame of a copy: headers and labels in a frame of its own, and the packet behind them, which the owner of the frames
/// refers to where the port's driver takes frames of several pieces. All copies of a packet have the same octets from its header
/// on, so that none is written to.
enum ReplicatedFrame {
    /// Sends packet `index` by the way out that it has now; `false`: no frame was free.
    @_noLocks @inline(__always)
    static func send(
        _ index: Int, _ egress: UnsafePointer<stile_interface>, carrier: UInt16,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let burst = worker.pointee.burst
        // The owner may send what waits, and counts in the worker's state: nothing of that is held meanwhile.
        var source = worker.pointee.frames
        let fresh = withUnsafePointer(to: &source) { stile_frame_allocate($0) }
        guard let handle = fresh.handle, let data = fresh.data else {
            worker.pointee.countDrop(.noFrameForCopies, counter: carrier)
            return false
        }
        // 1. Behind the labels under the outermost, which are copied. A datagram of its own has a checksum over all of it.
        let original = burst.packet[index]
        let length = Int(burst.packetLength[index])
        let room = max(0, SwapImposition.keptLabelBytes(of: index, burst))
        let copied = isDatagram(burst.adjacency[index]) ? length : 0
        guard Int(fresh.capacity) >= room &+ copied else {
            withUnsafePointer(to: &source) { stile_frame_discard($0, handle) }
            worker.pointee.countDrop(.noFrameForCopies, counter: carrier)
            return false
        }
        let packet = UnsafeMutableRawPointer(data) + room
        if copied > 0 { packet.copyMemory(from: original, byteCount: copied) }
        // 2. The labels, and what stands in front of them.
        let start = SwapImposition.impose(index, onto: packet, isOwn: false, burst)
        // 3. Out.
        var copy = stile_frame_copy(
            handle: handle, data: start.assumingMemoryBound(to: UInt8.self),
            payload: UnsafePointer(original.assumingMemoryBound(to: UInt8.self)),
            header_bytes: UInt32(truncatingIfNeeded: (packet - start) &+ copied),
            payload_bytes: UInt32(truncatingIfNeeded: length &- copied), index: UInt16(truncatingIfNeeded: index),
            port: burst.adjacency[index].pointee.port, counter: egress.pointee.counter, carrier: carrier)
        let isQueued = withUnsafePointer(to: &source) { source in
            withUnsafePointer(to: &copy) { stile_frame_send_copy(source, $0) }
        }
        guard isQueued == 1 else {
            worker.pointee.countDrop(.noFrameForCopies, counter: carrier)
            return false
        }
        return true
    }

    /// Whether the labels leave over UDP.
    @_noLocks @inline(__always)
    private static func isDatagram(_ adjacency: UnsafePointer<stile_adjacency>) -> Bool {
        adjacency.pointee.has_transport != 0 && adjacency.transport.pointee.is_encapsulated != 0
    }
}
