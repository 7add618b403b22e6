import CTableLayout

/// The NNIs' label tables and local services.
extension TablesWriter {
    /// `count` label entries in a row for one NNI, all invalid; the result is the NNI's `label_first`.
    public func addLabelTable(count: Int) throws(TablesError) -> UInt32 {
        guard count > 0, count <= 1 << 20 else { throw .outOfRange(.labelEntries) }
        let first = try labelEntries.take(count: count)
        do throws(TablesError) {
            try labelSources.commit(count: Int(first) + count)
        } catch {
            labelEntries.give(back: first, count: count)
            throw error
        }
        entry(header.pointee.label_entries, Int(first), as: UInt64.self).update(repeating: 0, count: count)
        return first
    }

    /// Makes the label at `index` (`label_first` + label − `label_base`) valid, or invalid with an entry of zeros. When
    /// it returns, every packet that a worker takes from then on sees the entry.
    ///
    /// - Parameter sources: the source set of an entry that has STILE_FLAG_BY_SOURCE.
    public func setLabelEntry(
        _ index: UInt32, to value: stile_label_entry, sources: UInt32 = 0
    ) throws(TablesError) {
        guard index > 0, index < header.pointee.label_entries.count else { throw .outOfRange(.labelEntries) }
        guard sources < header.pointee.source_sets.count else { throw .outOfRange(.sourceSets) }
        let word = entry(header.pointee.label_entries, Int(index), as: UInt64.self)
        let sourceWord = entry(header.pointee.label_sources, Int(index), as: UInt32.self)
        if isBySource(unsafeBitCast(value, to: UInt64.self)), sourceWord.pointee != sources {
            // No reader finds an entry together with the sources of another one.
            if isBySource(word.pointee) { stile_store_release_u64(word, 0) }
            stile_store_release_u32(sourceWord, sources)
        }
        stile_store_release_u64(word, unsafeBitCast(value, to: UInt64.self))
    }

    private func isBySource(_ word: UInt64) -> Bool {
        UInt32(unsafeBitCast(word, to: stile_label_entry.self).flags) & STILE_FLAG_BY_SOURCE.rawValue != 0
    }

    /// A source set without addresses, which no packet comes from.
    public func addSourceSet() throws(TablesError) -> UInt32 {
        let index = try sourceSets.take()
        entry(header.pointee.source_sets, Int(index), as: stile_source_set.self).pointee = stile_source_set()
        return index
    }

    /// Lets packets come from these Ethernet addresses, six octets each in the order of the wire, and from no other.
    /// Those that stay are valid all the time. At most `STILE_SOURCE_ADDRESSES`.
    public func setSourceSet(_ index: UInt32, to addresses: [[UInt8]]) throws(TablesError) {
        guard index > 0, index < header.pointee.source_sets.count, addresses.count <= Int(STILE_SOURCE_ADDRESSES)
        else { throw .outOfRange(.sourceSets) }
        let words = UnsafeMutableRawPointer(
            entry(header.pointee.source_sets, Int(index), as: stile_source_set.self)
        ).assumingMemoryBound(to: UInt64.self)
        let wanted = Set(addresses.map { $0.prefix(6).reversed().reduce(0) { $0 << 8 | UInt64($1) } })
        let places = 0..<Int(STILE_SOURCE_ADDRESSES)
        for place in places where !wanted.contains(words[place]) { stile_store_release_u64(words + place, 0) }
        for address in wanted.sorted() where address != 0 && !places.contains(where: { words[$0] == address }) {
            guard let place = places.first(where: { words[$0] == 0 }) else { throw .outOfRange(.sourceSets) }
            stile_store_release_u64(words + place, address)
        }
    }

    /// Gives a source set back that no label entry names any more.
    public func retireSourceSet(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.sourceSet(index))
    }

    /// Gives a label table back whose NNI record is no longer reachable.
    public func retireLabelTable(first: UInt32, count: Int) {
        guard first != 0, count > 0 else { return }
        retire(.labelTable(first: first, count: count))
    }

    /// The local services of one NNI in a row; the result is the NNI's `local_first`.
    public func addLocalServices(_ services: [stile_local_service]) throws(TablesError) -> UInt16 {
        guard !services.isEmpty else { return 0 }
        let first = try localServices.take(count: services.count)
        for (index, service) in services.enumerated() {
            entry(header.pointee.local_services, Int(first) + index, as: stile_local_service.self).pointee = service
        }
        return UInt16(first)
    }

    /// Gives local services back whose NNI record is no longer reachable.
    public func retireLocalServices(first: UInt16, count: Int) {
        guard first != 0, count > 0 else { return }
        retire(.localServices(first: UInt32(first), count: count))
    }
}
