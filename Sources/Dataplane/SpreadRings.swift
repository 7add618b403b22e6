import CDPDKShim

/// The rings over which workers hand received frames to each other: one from each worker to each other one, so that a
/// ring has one producer and one consumer. Used by the main thread alone.
struct SpreadRings {
    /// Frames in a ring: as many as wait in a receive queue of a NIC while its worker sleeps or is late.
    static let slots: UInt32 = 1024

    private let workerCount: Int
    /// By `from * workerCount + to`; `nil` from a worker to itself.
    private let rings: [OpaquePointer?]

    init(workerCount: Int) throws(StartFailure) {
        var rings: [OpaquePointer?] = []
        for from in 0..<workerCount {
            for to in 0..<workerCount {
                guard from != to else {
                    rings.append(nil)
                    continue
                }
                guard let ring = stile_spread_create("stile_spread_\(from)_\(to)", Self.slots) else {
                    throw StartFailure(
                        .memory, "no memory for the ring from worker \(from) to worker \(to)",
                        hint: "raise --memory-megabytes")
                }
                rings.append(ring)
            }
        }
        self.workerCount = workerCount
        self.rings = rings
    }

    /// The rings that the worker puts frames in, by the worker that takes them out; `nil` for itself.
    func outgoing(of worker: Int) -> [OpaquePointer?] {
        Array(rings[worker * workerCount..<(worker + 1) * workerCount])
    }

    /// The rings that the worker takes frames out of.
    func incoming(of worker: Int) -> [OpaquePointer] {
        (0..<workerCount).compactMap { rings[$0 * workerCount + worker] }
    }

    /// Frees the rings, which no worker uses any more. Frames in them go back to their pools.
    func free() {
        for ring in rings { if let ring { stile_handover_free(ring) } }
    }
}
