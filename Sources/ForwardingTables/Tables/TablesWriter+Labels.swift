import CTableLayout

/// The NNIs' label tables and local services.
extension TablesWriter {
    /// `count` label entries in a row for one NNI, all invalid; the result is the NNI's `label_first`.
    public func addLabelTable(count: Int) throws(TablesError) -> UInt32 {
        guard count > 0, count <= 1 << 20 else { throw .outOfRange(.labelEntries) }
        let first = try labelEntries.take(count: count)
        entry(header.pointee.label_entries, Int(first), as: UInt64.self).update(repeating: 0, count: count)
        return first
    }

    /// Makes the label at `index` (`label_first` + label − `label_base`) valid, or invalid with an entry of zeros. When
    /// it returns, every packet that a worker takes from then on sees the entry.
    public func setLabelEntry(_ index: UInt32, to value: stile_label_entry) throws(TablesError) {
        guard index > 0, index < header.pointee.label_entries.count else { throw .outOfRange(.labelEntries) }
        let word = entry(header.pointee.label_entries, Int(index), as: UInt64.self)
        stile_store_release_u64(word, unsafeBitCast(value, to: UInt64.self))
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
