import CTableLayout

/// The label table of one NNI.
@frozen
public struct LabelTable {
    @usableFromInline let base: UInt64
    @usableFromInline let count: UInt64
    @usableFromInline let entries: UnsafePointer<UInt64>

    @inlinable @inline(__always)
    init(base: UInt32, count: UInt32, entries: UnsafePointer<UInt64>) {
        self.base = UInt64(base)
        self.count = UInt64(count)
        self.entries = entries
    }

    /// The eight octets of the entry of `label` (20 bits) in one word; 0 when it is not valid on the NNI. A label
    /// outside the NNI's range costs no memory access.
    @inlinable @inline(__always)
    public func entryWord(_ label: UInt32) -> UInt64 {
        let index = UInt64(label) &- base
        guard index < count else { return 0 }
        return stile_load_acquire_u64(entries + Int(truncatingIfNeeded: index))
    }
}
