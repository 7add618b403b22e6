import CTableLayout

/// A frame source over plain memory that keeps what it is given to transmit.
final class FragmentCollector {
    private(set) var transmitted: [[UInt8]] = []

    /// Octets of a frame, headroom included.
    private static let frameBytes = Int(STILE_FRAME_SLOT_BYTES) + Burst.headroomBytes

    /// Valid while the collector lives.
    var source: stile_frame_source {
        stile_frame_source(
            context: Unmanaged.passUnretained(self).toOpaque(),
            allocate: { _ in
                let memory = UnsafeMutableRawPointer.allocate(byteCount: FragmentCollector.frameBytes, alignment: 64)
                let data = (memory + Burst.headroomBytes).assumingMemoryBound(to: UInt8.self)
                return stile_frame(
                    handle: memory, data: data, capacity: UInt32(STILE_FRAME_SLOT_BYTES), reserved: 0)
            },
            transmit: { context, handle, data, length, _ in
                defer { handle?.deallocate() }
                guard let context, let data else { return 0 }
                Unmanaged<FragmentCollector>.fromOpaque(context).takeUnretainedValue().transmitted
                    .append(Array(UnsafeRawBufferPointer(start: data, count: Int(length))))
                return 1
            },
            discard: { _, handle in handle?.deallocate() })
    }
}
