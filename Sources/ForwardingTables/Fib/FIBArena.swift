import CTableLayout

/// A buddy allocator over the FIB arena: blocks of 16 octets times a power of two, aligned to their size. Free blocks
/// are linked through their own first octets; which blocks are free is known in the heap. The arena's pages are taken
/// from the file system step by step, so that a full tmpfs is an error of one allocation and not a SIGBUS.
final class FIBArena {
    static let minimumOrder = 4
    /// Octets that one growth takes: the largest block there is, a direct table of 18 bits.
    static let growthBytes = 1 << 21

    let base: UnsafeMutableRawPointer
    let byteCount: Int
    private let storage: FileStorage
    private let storageOffset: Int
    /// Octets from the start that the file system has given.
    private var committed = 0
    private(set) var allocatedBytes = 0
    private var heads: [UInt32]
    private let freeBits: UnsafeMutablePointer<UInt64>
    /// First bit of each order in `freeBits`.
    private var firstBit: [Int]

    /// An arena of `byteCount` octets (at most 4 GiB), `storageOffset` octets into the mapped file.
    init(storage: FileStorage, storageOffset: Int, byteCount: Int) {
        self.storage = storage
        self.storageOffset = storageOffset
        self.byteCount = byteCount
        base = storage.base + storageOffset
        heads = Array(repeating: 0, count: 33)
        firstBit = Array(repeating: 0, count: 33)
        var bits = 0
        for order in Self.minimumOrder...32 {
            firstBit[order] = bits
            bits += byteCount >> order + 1
        }
        let words = bits / 64 + 1
        freeBits = .allocate(capacity: words)
        freeBits.initialize(repeating: 0, count: words)
    }

    deinit { freeBits.deallocate() }

    /// Takes the first pages: readers look at the block at offset 0, which stays zero.
    ///
    /// - Throws: `fibArenaFull` when the file system gives none.
    func commitFirst() throws(TablesError) {
        guard grow(order: Self.minimumOrder) else { throw .fibArenaFull }
    }

    /// The order (power of two) of the smallest block that holds `byteCount` octets.
    static func order(holding byteCount: Int) -> Int {
        max(minimumOrder, Int.bitWidth - (byteCount - 1).leadingZeroBitCount)
    }

    /// The offset of a free block of `1 << order` octets with undefined content, or `nil` when there is none.
    func allocate(order: Int) -> UInt32? {
        var available = order
        while available <= 32, heads[available] == 0 { available += 1 }
        if available > 32 {
            guard grow(order: order) else { return nil }
            return allocate(order: order)
        }
        let offset = heads[available]
        unlink(offset, order: available)
        while available > order {
            available -= 1
            link(offset + UInt32(1 << available), order: available)
        }
        allocatedBytes += 1 << order
        return offset
    }

    /// Gives a block back.
    func free(_ offset: UInt32, order: Int) {
        allocatedBytes -= 1 << order
        release(offset, order: order)
    }

    private func release(_ offset: UInt32, order: Int) {
        var offset = offset
        var order = order
        while order < 32 {
            let buddy = offset ^ UInt32(1 << order)
            guard Int(buddy) + 1 << order <= committed, isFree(buddy, order: order) else { break }
            unlink(buddy, order: order)
            offset = min(offset, buddy)
            order += 1
        }
        link(offset, order: order)
    }

    /// Takes further pages from the file system, as much as a block of `order` may need.
    private func grow(order: Int) -> Bool {
        let step = max(Self.growthBytes, 1 << order)
        let end = min((committed + step) / step * step, byteCount)
        guard end > committed, storage.commit(offset: storageOffset + committed, byteCount: end - committed) else {
            return false
        }
        // Offset 0 means "none" in references and links: the first block is never given out.
        var offset = max(committed, 1 << Self.minimumOrder)
        committed = end
        while offset + 1 << Self.minimumOrder <= end {
            var blockOrder = offset.trailingZeroBitCount
            while offset + 1 << blockOrder > end { blockOrder -= 1 }
            release(UInt32(offset), order: blockOrder)
            offset += 1 << blockOrder
        }
        return true
    }

    private func links(of offset: UInt32) -> UnsafeMutablePointer<UInt32> {
        (base + Int(offset)).assumingMemoryBound(to: UInt32.self)
    }

    private func link(_ offset: UInt32, order: Int) {
        let next = heads[order]
        links(of: offset)[0] = next
        links(of: offset)[1] = 0
        if next != 0 { links(of: next)[1] = offset }
        heads[order] = offset
        let bit = firstBit[order] + Int(offset) >> order
        freeBits[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    private func unlink(_ offset: UInt32, order: Int) {
        let next = links(of: offset)[0]
        let previous = links(of: offset)[1]
        if next != 0 { links(of: next)[1] = previous }
        if previous != 0 { links(of: previous)[0] = next } else { heads[order] = next }
        let bit = firstBit[order] + Int(offset) >> order
        freeBits[bit >> 6] &= ~(1 << UInt64(bit & 63))
    }

    private func isFree(_ offset: UInt32, order: Int) -> Bool {
        let bit = firstBit[order] + Int(offset) >> order
        return freeBits[bit >> 6] >> UInt64(bit & 63) & 1 == 1
    }
}
