import CTableLayout

/// The records of one section and which of them are in use. A record that is added is not reachable until another names
/// it; one that is retired is no longer reachable, and is used again when no worker can see it.
public final class RecordSection<Record> {
    private let allocator: SectionAllocator
    private let records: UnsafeMutablePointer<Record>
    private let count: UInt32
    private let reclamation: Reclamation
    private let number: Int

    /// - Parameter clearsFreed: a record is all zero from when it comes free until it is used again.
    init(_ section: TablesSection, at place: stile_section, of file: TablesFile, clearsFreed: Bool = false) {
        allocator = SectionAllocator(
            section, storage: file.storage, offset: place.offset, entryBytes: Int(place.entry_bytes),
            capacity: Int(place.count), clearsFreed: clearsFreed)
        records = file.records(place, as: Record.self)
        count = place.count
        reclamation = file.reclamation
        number = reclamation.add(allocator)
    }

    /// Adds one record.
    public func add(_ record: Record) throws(TablesError) -> UInt32 {
        let index = try allocator.take()
        records[Int(index)] = record
        return index
    }

    /// Adds records in a row; the result is the first one's index, 0 when there are none.
    public func add(_ new: [Record]) throws(TablesError) -> UInt32 {
        guard !new.isEmpty else { return 0 }
        let first = try allocator.take(count: new.count)
        for (position, record) in new.enumerated() { records[Int(first) + position] = record }
        return first
    }

    /// Gives a record back that nothing names any more.
    public func retire(_ index: UInt32) { retire(first: index, count: 1) }

    /// Gives records in a row back that nothing names any more.
    public func retire(first: UInt32, count: Int) {
        guard first != 0, count > 0 else { return }
        reclamation.retire(number, first: first, count: count)
    }

    /// Whether a record can have this index; 0 is no record's.
    func has(_ index: UInt32) -> Bool { index > 0 && index < count }

    /// The record at an index, whether or not it is in use.
    subscript(_ index: UInt32) -> UnsafeMutablePointer<Record> { records + Int(index) }

    /// A record whose content is the caller's to write.
    func take() throws(TablesError) -> UInt32 { try allocator.take() }

    /// The first of `count` records in a row whose content is the caller's to write.
    func take(count: Int) throws(TablesError) -> UInt32 { try allocator.take(count: count) }

    /// Takes records back that no reader has seen or looks at.
    func putBack(_ first: UInt32, count: Int = 1) { allocator.give(back: first, count: count) }

    /// Makes the first `count` records readable and writable, without taking them.
    func commit(count: Int) throws(TablesError) { try allocator.commit(count: count) }
}
