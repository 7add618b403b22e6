import CDPDKShim
import CTableLayout
import Pipeline

/// Where the pipeline gets the frames of fragments and copies, and where it sends them: the worker's own pool and ways out.
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
                let delta = Int32(truncatingIfNeeded: data - stile_mbuf_data(frame))
                guard port < UInt16(STILE_MAX_PORTS), stile_mbuf_adjust(frame, delta, length) == 0 else {
                    stile_mbuf_free(frame)
                    return 0
                }
                // The pipeline counts each fragment on its interface, as sent or as lost by what is returned here. So
                // it is sent at once: a buffer would learn of a loss too late, and knows no interface. But for a frame
                // handed over: what the owner loses of those counts as sent and as lost.
                let departure = worker.pointee.assignment.pointee.departures[Int(port)]
                if case .handOver = departure.way {
                    stile_mbuf_note_departure(
                        frame, stile_departure_note(port: port, counter: 0, nni_counter: 0, is_counted: 1))
                }
                var departing: OpaquePointer? = frame
                guard departure.send(&departing, count: 1) == 1 else {
                    stile_mbuf_free(frame)
                    return 0
                }
                return 1
            },
            discard: { _, handle in
                if let handle { stile_mbuf_free(OpaquePointer(handle)) }
            },
            copy: { context, copy in
                guard let worker = context?.assumingMemoryBound(to: Worker.self), let copy else { return 0 }
                return FragmentFrames.send(copy, worker) ? 1 : 0
            })
    }

    /// Puts a copy's payload behind its headers, and the frame into the buffer of its port: many copies leave by one port, and
    /// a driver wants many frames at once.
    @_noLocks
    private static func send(_ copy: UnsafePointer<stile_frame_copy>, _ worker: UnsafeMutablePointer<Worker>) -> Bool {
        guard let handle = copy.pointee.handle, let data = copy.pointee.data, let payload = copy.pointee.payload else {
            return false
        }
        let frame = OpaquePointer(handle)
        let port = copy.pointee.port
        let delta = Int32(truncatingIfNeeded: data - stile_mbuf_data(frame))
        guard port < UInt16(STILE_MAX_PORTS), stile_mbuf_adjust(frame, delta, copy.pointee.header_bytes) == 0,
            FragmentFrames.add(payload, count: copy.pointee.payload_bytes, to: frame, copy, worker)
        else {
            stile_mbuf_free(frame)
            return false
        }
        worker.pointee.buffers.add(
            frame,
            stile_departure_note(
                port: port, counter: copy.pointee.counter, nni_counter: copy.pointee.carrier, is_counted: 0),
            departures: worker.pointee.assignment.pointee.departures, pipeline: worker.pointee.pipeline)
        return true
    }

    @_noLocks @inline(__always)
    private static func add(
        _ payload: UnsafePointer<UInt8>, count: UInt32, to frame: OpaquePointer,
        _ copy: UnsafePointer<stile_frame_copy>, _ worker: UnsafeMutablePointer<Worker>
    ) -> Bool {
        guard count > 0 else { return true }
        guard worker.pointee.assignment.pointee.departures[Int(copy.pointee.port)].takesPieces,
            let original = worker.pointee.frames[Int(copy.pointee.index)]
        else { return stile_mbuf_append(frame, payload, count) == 0 }
        return stile_mbuf_refer(frame, original, payload, count, worker.pointee.ownFrames) == 0
    }
}
