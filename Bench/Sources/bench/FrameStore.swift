/// Frames to be received, one behind the other in plain memory, each at the start of a cache line.
final class FrameStore {
    /// Frames longer than this are not taken: what a frame of the pool holds behind its headroom.
    static let maximumBytes = 1_984

    private(set) var count = 0
    private(set) var octets: UnsafeMutableRawPointer
    private(set) var offsets: UnsafeMutablePointer<UInt32>
    private(set) var lengths: UnsafeMutablePointer<UInt16>
    private var used = 0
    private var byteCapacity: Int
    private var countCapacity: Int

    init(count: Int, bytes: Int) {
        countCapacity = max(count, 1)
        byteCapacity = max(bytes, 64)
        octets = .allocate(byteCount: byteCapacity, alignment: 64)
        offsets = .allocate(capacity: countCapacity)
        lengths = .allocate(capacity: countCapacity)
    }

    deinit {
        octets.deallocate()
        offsets.deallocate()
        lengths.deallocate()
    }

    /// Appends a frame of at most `maximumBytes` octets; the store has been made large enough.
    func append(_ frame: [UInt8]) {
        let bytes = (frame.count + 63) & ~63
        precondition(frame.count <= Self.maximumBytes && count < countCapacity && used + bytes <= byteCapacity)
        (octets + used).copyMemory(from: frame, byteCount: frame.count)
        offsets[count] = UInt32(used)
        lengths[count] = UInt16(frame.count)
        count += 1
        used += bytes
    }

    /// Overwrites the last frames with the first ones until the count is a multiple of `divisor`, so that batches are
    /// whole: the store's count becomes the next lower multiple, or `divisor` when there are fewer frames.
    func trim(toMultipleOf divisor: Int) -> FrameStore {
        let wanted = max(count / divisor, 1) * divisor
        let trimmed = FrameStore(
            count: wanted, bytes: (0..<wanted).reduce(0) { $0 + (Int(lengths[$1 % count]) + 63) & ~63 })
        for index in 0..<wanted { trimmed.append(frame(index % count)) }
        return trimmed
    }

    func frame(_ index: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: octets + Int(offsets[index]), count: Int(lengths[index])))
    }
}
