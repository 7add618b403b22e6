/// Hands out entries of one section, single ones or ranges, never entry 0. Memory is taken from the file system in
/// steps, before an entry in it is handed out.
final class SectionAllocator {
    private let section: TablesSection
    private let storage: FileStorage
    private let offset: Int
    private let entryBytes: Int
    private let capacity: Int
    /// Whether entries are all zero from when they come free until they are handed out again.
    private let clearsFreed: Bool
    /// Entries below this have been handed out at least once.
    private var used = 1
    private var committedBytes = 0
    private var free: [UInt32] = []
    /// Free ranges of more than one entry, by their length.
    private var freeRanges: [Int: [UInt32]] = [:]

    init(
        _ section: TablesSection, storage: FileStorage, offset: UInt64, entryBytes: Int, capacity: Int,
        clearsFreed: Bool
    ) {
        self.section = section
        self.storage = storage
        self.offset = Int(offset)
        self.entryBytes = entryBytes
        self.capacity = capacity
        self.clearsFreed = clearsFreed
    }

    func take() throws(TablesError) -> UInt32 {
        if let entry = free.popLast() { return entry }
        do throws(TablesError) {
            return try extend(by: 1)
        } catch {
            guard let entry = takeFromLongerRange(1) else { throw error }
            return entry
        }
    }

    /// The first of `count` (1 and up) entries in a row.
    func take(count: Int) throws(TablesError) -> UInt32 {
        guard count > 1 else { return try take() }
        if let first = freeRanges[count]?.popLast() { return first }
        do throws(TablesError) {
            return try extend(by: count)
        } catch {
            if let first = takeFromLongerRange(count) { return first }
            // Ranges of ever other lengths, as lists have that grow, leave many short ones beside each other.
            coalesce()
            if let first = freeRanges[count]?.popLast() ?? takeFromLongerRange(count) { return first }
            return try extend(by: count)
        }
    }

    /// Takes back what readers have passed.
    func reclaim(_ first: UInt32, count: Int) {
        if clearsFreed {
            let place = storage.base + (offset + Int(first) * entryBytes)
            place.initializeMemory(as: UInt8.self, repeating: 0, count: count * entryBytes)
        }
        give(back: first, count: count)
    }

    func give(back first: UInt32, count: Int) {
        if count > 1 { freeRanges[count, default: []].append(first) } else if count == 1 { free.append(first) }
    }

    /// Makes the first `count` entries writable.
    func commit(count: Int) throws(TablesError) {
        let needed = count * entryBytes
        guard needed > committedBytes else { return }
        let step = 1 << 16
        let end = min((needed + step - 1) / step * step, capacity * entryBytes)
        guard storage.commit(offset: offset + committedBytes, byteCount: end - committedBytes) else {
            throw .sectionFull(section)
        }
        committedBytes = end
    }

    private func extend(by count: Int) throws(TablesError) -> UInt32 {
        guard count <= capacity - used else { throw .sectionFull(section) }
        try commit(count: used + count)
        used += count
        return UInt32(used - count)
    }

    private func takeFromLongerRange(_ count: Int) -> UInt32? {
        guard let (length, first) = longerRange(than: count) else { return nil }
        freeRanges[length]?.removeLast()
        give(back: first + UInt32(count), count: length - count)
        return first
    }

    /// Makes one range of free entries that lie beside each other; what is free at the end has never been handed out.
    private func coalesce() {
        var ranges = free.map { (first: $0, count: 1) }
        for (length, firsts) in freeRanges { ranges += firsts.map { (first: $0, count: length) } }
        ranges.sort { $0.first < $1.first }
        free = []
        freeRanges = [:]
        var current: (first: UInt32, count: Int)?
        for range in ranges {
            if let open = current, open.first + UInt32(open.count) == range.first {
                current = (open.first, open.count + range.count)
                continue
            }
            if let open = current { give(back: open.first, count: open.count) }
            current = range
        }
        guard let last = current else { return }
        if Int(last.first) + last.count == used {
            used = Int(last.first)
        } else {
            give(back: last.first, count: last.count)
        }
    }

    private func longerRange(than count: Int) -> (length: Int, first: UInt32)? {
        var best: (length: Int, first: UInt32)?
        for (length, firsts) in freeRanges where length > count && length < best?.length ?? .max {
            if let first = firsts.last { best = (length, first) }
        }
        return best
    }
}
