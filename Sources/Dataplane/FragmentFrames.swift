import CDPDKShim
import CTableLayout
import Pipeline

/// Where the pipeline gets the frames of fragments, and where it sends them: the worker's own pool and buffers.
enum FragmentFrames {
    static func source(for worker: UnsafeMutablePointer<Worker>) -> stile_frame_source {
        stile_frame_source(
            context: worker,
            allocate: { context in
                guard let worker = context?.assumingMemoryBound(to: Worker.self),
                    let frame = stile_mbuf_allocate(worker.pointee.ownFrames)
                else { return stile_frame() }
                let room = stile_mbuf_storage(frame) &- stile_mbuf_headroom(frame)
                return stile_frame(
                    handle: UnsafeMutableRawPointer(frame), data: stile_mbuf_data(frame), capacity: room, reserved: 0)
            },
            transmit: { context, handle, data, length, port in
                guard let worker = context?.assumingMemoryBound(to: Worker.self), let handle, let data else { return 0 }
                let frame = OpaquePointer(handle)
                let departures = worker.pointee.assignment.pointee.departures
                let delta = Int32(truncatingIfNeeded: data - stile_mbuf_data(frame))
                guard port < UInt16(STILE_MAX_PORTS), departures[Int(port)].isOpen,
                    stile_mbuf_adjust(frame, delta, length) == 0
                else {
                    stile_mbuf_free(frame)
                    return 0
                }
                // The pipeline counts fragments itself, and does not say for which interface.
                worker.pointee.buffers.add(
                    frame, port: port, accounting: .init(counter: 0, bytes: 0), departures: departures,
                    pipeline: worker.pointee.pipeline)
                return 1
            },
            discard: { _, handle in
                if let handle { stile_mbuf_free(OpaquePointer(handle)) }
            })
    }
}
