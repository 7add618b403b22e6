import CTableLayout

/// The access lists with their rules, and the form in which workers look at short ones.
public final class AccessListWriter {
    private let header: UnsafeMutablePointer<stile_tables_header>
    private let lists: RecordSection<stile_access_list>
    private let rules: RecordSection<stile_access_rule>
    private let vectors: RecordSection<stile_access_vectors>
    /// The serial number of the list that was added last.
    private var serial: UInt64 = 0

    init(_ file: TablesFile) {
        header = file.header
        lists = RecordSection(.accessLists, at: header.pointee.access_lists, of: file)
        rules = RecordSection(.accessRules, at: header.pointee.access_rules, of: file)
        vectors = RecordSection(.accessVectors, at: header.pointee.access_vectors, of: file)
    }

    /// A list of an address family (4 or 6) with its rules, one and up, of which the last matches every packet.
    public func add(family: UInt8, rules new: [stile_access_rule]) throws(TablesError) -> UInt32 {
        guard !new.isEmpty else { throw .outOfRange(.accessRules) }
        let index = try lists.take()
        let first: UInt32
        do throws(TablesError) {
            first = try rules.add(new)
        } catch {
            lists.putBack(index)
            throw error
        }
        serial += 1
        var list = stile_access_list()
        list.first_rule = first
        list.rule_count = UInt32(new.count)
        list.family = family
        list.vectors = addVectors(AccessListVectors.blocks(of: new, family: family))
        let record = lists[index]
        // The data plane's main thread reads lists without an epoch of its own: the serial number says what it has
        // read. It is 0 until the rest stands.
        record.pointee = list
        stile_fence()
        withUnsafeMutablePointer(to: &record.pointee.serial) { stile_store_release_u64($0, serial) }
        header.pointee.access_lists_end = max(header.pointee.access_lists_end, UInt64(index) + 1)
        raiseSequence()
        return index
    }

    /// Gives a list back that nothing names any more, with its rules.
    public func retire(_ index: UInt32) {
        guard lists.has(index) else { return }
        let record = lists[index]
        vectors.retire(first: record.pointee.vectors, count: vectorUnits(of: record.pointee))
        rules.retire(first: record.pointee.first_rule, count: Int(record.pointee.rule_count))
        lists.retire(index)
        record.pointee.serial = 0
        raiseSequence()
    }

    /// 0: the list is read otherwise.
    private func addVectors(_ blocks: [stile_access_vectors]) -> UInt32 { (try? vectors.add(blocks)) ?? 0 }

    private func vectorUnits(of list: stile_access_list) -> Int {
        guard list.vectors != 0 else { return 0 }
        var count = 0
        for _ in stride(from: 1, to: Int(list.rule_count), by: AccessListVectors.rulesPerBlock) {
            count += Int(vectors[list.vectors + UInt32(count)].pointee.unit_count)
        }
        return count
    }

    private func raiseSequence() {
        let next = header.pointee.access_lists_sequence + 1
        withUnsafeMutablePointer(to: &header.pointee.access_lists_sequence) { stile_store_release_u64($0, next) }
    }
}
