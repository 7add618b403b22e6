import CTableLayout
import Pipeline

/// Frames in plain memory for fragments and copies.
final class FragmentPool {
    struct Fragment: Equatable, Sendable {
        var port: UInt16
        var octets: [UInt8]
    }

    private(set) var transmitted: [Fragment] = []
    /// How many frames may still be allocated; `nil`: any number.
    var remaining: Int?
    /// Whether the port takes the fragments.
    var portTakesFrames = true
    /// Octets that a fresh frame holds.
    var capacity: UInt32 = 2048
    private(set) var allocated = 0

    /// What was sent as a copy, with the counters that its owner raises.
    private(set) var copies: [(counter: UInt16, carrier: UInt16, bytes: Int)] = []

    func reset() {
        transmitted = []
        copies = []
    }

    /// Frames that were allocated and neither transmitted nor discarded.
    private(set) var outstanding = 0

    private static let headroom = 128

    var source: stile_frame_source {
        stile_frame_source(
            context: Unmanaged.passUnretained(self).toOpaque(),
            allocate: { context in
                guard let pool = FragmentPool.of(context) else { return stile_frame() }
                if let remaining = pool.remaining {
                    guard remaining > 0 else { return stile_frame() }
                    pool.remaining = remaining - 1
                }
                pool.outstanding += 1
                pool.allocated += 1
                let bytes = FragmentPool.headroom + Int(pool.capacity)
                let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
                let data = (memory + FragmentPool.headroom).assumingMemoryBound(to: UInt8.self)
                return stile_frame(handle: memory, data: data, capacity: pool.capacity, reserved: 0)
            },
            transmit: { context, handle, data, length, port in
                handle.map { handle in
                    defer { handle.deallocate() }
                    guard let pool = FragmentPool.of(context), let data else { return 0 }
                    pool.outstanding -= 1
                    guard pool.portTakesFrames else { return 0 }
                    let octets = Array(UnsafeRawBufferPointer(start: data, count: Int(length)))
                    pool.transmitted.append(Fragment(port: port, octets: octets))
                    return 1
                } ?? 0
            },
            discard: { context, handle in
                FragmentPool.of(context)?.outstanding -= 1
                handle?.deallocate()
            },
            copy: { context, copy in
                guard let pool = FragmentPool.of(context), let copy, let handle = copy.pointee.handle,
                    let data = copy.pointee.data
                else { return 0 }
                defer { handle.deallocate() }
                pool.outstanding -= 1
                guard pool.portTakesFrames else { return 0 }
                let headers = UnsafeRawBufferPointer(start: data, count: Int(copy.pointee.header_bytes))
                let payload = UnsafeRawBufferPointer(
                    start: copy.pointee.payload, count: Int(copy.pointee.payload_bytes))
                let octets = Array(headers) + Array(payload)
                pool.transmitted.append(Fragment(port: copy.pointee.port, octets: octets))
                pool.copies.append((copy.pointee.counter, copy.pointee.carrier, octets.count))
                return 1
            })
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> FragmentPool? {
        context.map { Unmanaged<FragmentPool>.fromOpaque($0).takeUnretainedValue() }
    }
}
