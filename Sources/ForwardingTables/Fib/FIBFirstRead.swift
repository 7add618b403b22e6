import CTableLayout

/// What lookups from one root read first: found once for the packets of a run, so that each of them takes no branch
/// (`Bench/check-instructions`: `FIBReader.prefetch` takes 20 instructions a packet, this 5).
@frozen
public struct FIBFirstRead {
    @usableFromInline let block: UnsafeRawPointer
    /// The bits of an address left of its slot in a direct table; without such a table there is one slot for all.
    @usableFromInline let shift: UInt64

    @inlinable @inline(__always)
    init(block: UnsafeRawPointer, shift: UInt64) {
        self.block = block
        self.shift = shift
    }

    /// Fetches what the lookup of an IPv4 address (host byte order) reads first.
    @inlinable @inline(__always)
    public func prefetch(_ address: UInt32) {
        stile_prefetch(block + Int(truncatingIfNeeded: UInt64(address) &>> shift) &* 8)
    }
}

extension FIBReader {
    /// For IPv4 addresses that are looked up from `root`.
    @inlinable @inline(__always)
    public func firstRead(from root: UInt64) -> FIBFirstRead {
        let reference = FIBEntry(rawValue: root).reference
        return FIBFirstRead(
            block: arena + reference.offset,
            shift: reference.isDirectTable ? UInt64(32 &- reference.directBits) : 32)
    }
}
