import CTableLayout

/// A frame source over plain memory that keeps what it is given to transmit.
final class FragmentCollector {
    private(set) var transmitted: [[UInt8]] = []
    /// By which ports.
    private(set) var ports: [UInt16] = []

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
            transmit: { context, handle, data, length, port in
                defer { handle?.deallocate() }
                guard let context, let data else { return 0 }
                Unmanaged<FragmentCollector>.fromOpaque(context).takeUnretainedValue()
                    .note(Array(UnsafeRawBufferPointer(start: data, count: Int(length))), by: port)
                return 1
            },
            discard: { _, handle in handle?.deallocate() },
            copy: { context, copy in
                guard let context, let copy, let data = copy.pointee.data else { return 0 }
                defer { copy.pointee.handle?.deallocate() }
                let headers = UnsafeRawBufferPointer(start: data, count: Int(copy.pointee.header_bytes))
                let payload = UnsafeRawBufferPointer(
                    start: copy.pointee.payload, count: Int(copy.pointee.payload_bytes))
                Unmanaged<FragmentCollector>.fromOpaque(context).takeUnretainedValue()
                    .note(Array(headers) + Array(payload), by: copy.pointee.port)
                return 1
            })
    }

    private func note(_ frame: [UInt8], by port: UInt16) {
        transmitted.append(frame)
        ports.append(port)
    }
}
