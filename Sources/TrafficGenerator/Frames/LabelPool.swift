import Addressing

/// The label stack entries that a stream of spoofed labels takes one after the other; empty for every other stream.
struct LabelPool {
    /// Whole entries, network order of bits as a number.
    let entries: UnsafeMutablePointer<UInt32>
    let count: Int
    private var position = 0

    /// - Parameters:
    ///   - isBottom: whether the entry is the stack's only one.
    init(_ labels: [MPLSLabel], isBottom: Bool, timeToLive: UInt8) {
        entries = .allocate(capacity: max(labels.count, 1))
        entries.initialize(to: 0)
        for (index, label) in labels.enumerated() {
            (entries + index).initialize(to: label.rawValue << 12 | (isBottom ? 0x100 : 0) | UInt32(timeToLive))
        }
        count = labels.count
    }

    func deallocate() { entries.deallocate() }

    @_noLocks @inline(__always)
    mutating func next() -> UInt32 {
        let entry = entries[position]
        position &+= 1
        if position >= count { position = 0 }
        return entry
    }
}
