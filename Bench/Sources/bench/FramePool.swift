import Glibc

/// The frames of a receive queue: where a driver's buffers would be. Receiving copies a batch of stored frames into
/// them, so that a frame's lines are where a NIC or a virtual device leaves them: in the outer caches, not in the first.
final class FramePool {
    /// Frames received before the first of them is processed: a worker's share of descriptors.
    static let batch = 1_024
    /// An mbuf of DPDK's usual pool: its two lines of metadata, 128 octets of headroom and 2,048 of data.
    private static let stride = 2_304
    private static let dataOffset = 256
    private static let hugepage = 2 << 20

    private let memory: UnsafeMutableRawPointer

    init() {
        let bytes = (Self.stride * Self.batch + Self.hugepage - 1) / Self.hugepage * Self.hugepage
        memory = .allocate(byteCount: bytes, alignment: Self.hugepage)
        // As a mempool of DPDK's; transparent ones need no preparation. Without, only the figures are worse.
        _ = madvise(memory, bytes, MADV_HUGEPAGE)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { memory.deallocate() }

    @inline(__always)
    func frame(_ index: Int) -> UnsafeMutableRawPointer { memory + (index &* Self.stride &+ Self.dataOffset) }

    /// Receives `batch` frames of the store from `first` on.
    func receive(from store: FrameStore, first: Int) {
        var index = 0
        while index < Self.batch {
            let source = store.octets + Int(store.offsets[first &+ index])
            frame(index).copyMemory(from: source, byteCount: Int(store.lengths[first &+ index]))
            index &+= 1
        }
    }
}
