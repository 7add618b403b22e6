import CTableLayout

/// The label tables of the NNIs and of the core.
public final class LabelWriter {
    private let header: UnsafeMutablePointer<stile_tables_header>
    private let entries: RecordSection<UInt64>
    /// Entry → its source set.
    private let sources: RecordSection<UInt32>
    private let contexts: RecordSection<stile_context_table>

    init(_ file: TablesFile) throws(TablesError) {
        header = file.header
        entries = RecordSection(.labelEntries, at: header.pointee.label_entries, of: file)
        sources = RecordSection(.labelSources, at: header.pointee.label_sources, of: file)
        contexts = RecordSection(.contextTables, at: header.pointee.context_tables, of: file)
        // Record 0, no space's, has no label.
        try contexts.commit(count: 1)
        // Entry 0, no table's, is read without having been handed out.
        try entries.commit(count: 1)
        try sources.commit(count: 1)
    }

    /// `count` label entries in a row for one NNI or the core, all invalid; the result is `label_first` of the record.
    public func addTable(count: Int) throws(TablesError) -> UInt32 {
        guard count > 0, count <= 1 << 20 else { throw .outOfRange(.labelEntries) }
        let first = try entries.take(count: count)
        do throws(TablesError) {
            try sources.commit(count: Int(first) + count)
        } catch {
            entries.putBack(first, count: count)
            throw error
        }
        entries[first].update(repeating: 0, count: count)
        return first
    }

    /// Makes the label at `index` (`label_first` + label − `label_base`) valid, or invalid with an entry of zeros. When
    /// it returns, every packet that a worker takes from then on sees the entry.
    ///
    /// - Parameter set: the source set of an entry that has STILE_FLAG_BY_SOURCE.
    public func setEntry(
        _ index: UInt32, to value: stile_label_entry, sources set: UInt32 = 0
    ) throws(TablesError) {
        guard entries.has(index) else { throw .outOfRange(.labelEntries) }
        guard set < header.pointee.source_sets.count else { throw .outOfRange(.sourceSets) }
        if let swap = SwapEntry(value), swap.nextHop >= header.pointee.next_hops.count {
            throw .outOfRange(.nextHops)
        }
        if let pop = PopEntry(value) {
            guard pop.nextHop < header.pointee.next_hops.count else { throw .outOfRange(.nextHops) }
            guard pop.interface < header.pointee.interfaces.count else { throw .outOfRange(.interfaces) }
        }
        if let context = ContextEntry(value), context.table >= header.pointee.context_tables.count {
            throw .outOfRange(.contextTables)
        }
        if let replicate = ReplicateEntry(value), replicate.list >= header.pointee.replications.count {
            throw .outOfRange(.replications)
        }
        let word = entries[index]
        let sourceWord = sources[index]
        if isBySource(unsafeBitCast(value, to: UInt64.self)), sourceWord.pointee != set {
            // No reader finds an entry together with the sources of another one.
            if isBySource(word.pointee) { stile_store_release_u64(word, 0) }
            stile_store_release_u32(sourceWord, set)
        }
        stile_store_release_u64(word, unsafeBitCast(value, to: UInt64.self))
    }

    private func isBySource(_ word: UInt64) -> Bool {
        UInt32(unsafeBitCast(word, to: stile_label_entry.self).flags) & STILE_FLAG_BY_SOURCE.rawValue != 0
    }

    /// Says where the labels of a space are on an NNI or in the core; the result is the record for the entry of the label that
    /// names the space.
    public func addContext(base: UInt32, count: UInt32, first: UInt32) throws(TablesError) -> UInt32 {
        guard entries.has(first), UInt64(first) + UInt64(count) <= header.pointee.label_entries.count else {
            throw .outOfRange(.labelEntries)
        }
        return try contexts.add(
            stile_context_table(label_base: base, label_count: count, label_first: first, reserved: 0))
    }

    /// Gives such a record back that no entry names any more.
    public func retireContext(_ record: UInt32) { contexts.retire(record) }

    /// Gives a label table back whose NNI record is no longer reachable.
    public func retireTable(first: UInt32, count: Int) { entries.retire(first: first, count: count) }
}
