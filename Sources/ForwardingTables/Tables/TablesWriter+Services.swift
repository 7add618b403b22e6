import CTableLayout

/// The records of the customers' services (layout: stile_services.h). What is added is not reachable until an interface
/// record names it; what is retired is no longer reachable.
extension TablesWriter {
    public func addServices(_ record: stile_services) throws(TablesError) -> UInt32 {
        try add([record], to: &services, header.pointee.services)
    }

    public func retireServices(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.services(index))
    }

    /// A list of an address family (4 or 6) with its rules, one and up, of which the last matches every packet.
    public func addAccessList(family: UInt8, rules: [stile_access_rule]) throws(TablesError) -> UInt32 {
        guard !rules.isEmpty else { throw .outOfRange(.accessRules) }
        let index = try accessLists.take()
        let first: UInt32
        do throws(TablesError) {
            first = try accessRules.take(count: rules.count)
        } catch {
            accessLists.give(back: index)
            throw error
        }
        let place = entry(header.pointee.access_rules, Int(first), as: stile_access_rule.self)
        for (position, rule) in rules.enumerated() { place[position] = rule }
        accessListSerial += 1
        var list = stile_access_list()
        list.first_rule = first
        list.rule_count = UInt32(rules.count)
        list.family = family
        list.vectors = addVectors(AccessListVectors.blocks(of: rules, family: family))
        let record = entry(header.pointee.access_lists, Int(index), as: stile_access_list.self)
        // The data plane's main thread reads lists without an epoch of its own: the serial number says what it has
        // read. It is 0 until the rest stands.
        record.pointee = list
        stile_fence()
        withUnsafeMutablePointer(to: &record.pointee.serial) { stile_store_release_u64($0, accessListSerial) }
        header.pointee.access_lists_end = max(header.pointee.access_lists_end, UInt64(index) + 1)
        raiseAccessListsSequence()
        return index
    }

    public func retireAccessList(_ index: UInt32) {
        guard index != 0, index < header.pointee.access_lists.count else { return }
        let record = entry(header.pointee.access_lists, Int(index), as: stile_access_list.self)
        retire(
            .accessList(
                index, firstRule: record.pointee.first_rule, ruleCount: Int(record.pointee.rule_count),
                firstVector: record.pointee.vectors, vectorUnits: vectorUnits(of: record.pointee)))
        record.pointee.serial = 0
        raiseAccessListsSequence()
    }

    /// 0: the list is read otherwise.
    private func addVectors(_ blocks: [stile_access_vectors]) -> UInt32 {
        guard !blocks.isEmpty, let first = try? accessVectors.take(count: blocks.count) else { return 0 }
        let place = entry(header.pointee.access_vectors, Int(first), as: stile_access_vectors.self)
        for (position, unit) in blocks.enumerated() { place[position] = unit }
        return first
    }

    private func vectorUnits(of list: stile_access_list) -> Int {
        guard list.vectors != 0 else { return 0 }
        var count = 0
        for _ in stride(from: 1, to: Int(list.rule_count), by: AccessListVectors.rulesPerBlock) {
            let block = entry(header.pointee.access_vectors, Int(list.vectors) + count, as: stile_access_vectors.self)
            count += Int(block.pointee.unit_count)
        }
        return count
    }

    private func raiseAccessListsSequence() {
        let next = header.pointee.access_lists_sequence + 1
        withUnsafeMutablePointer(to: &header.pointee.access_lists_sequence) { stile_store_release_u64($0, next) }
    }

    /// Classes of one attached policy in a row; 0 when there are none.
    public func addPolicyClasses(_ records: [stile_policy_class]) throws(TablesError) -> UInt32 {
        try add(records, to: &policyClasses, header.pointee.policy_classes)
    }

    public func retirePolicyClasses(first: UInt32, count: Int) {
        guard first != 0, count > 0 else { return }
        retire(.policyClasses(first: first, count: count))
    }

    /// Criteria of one class map in a row; 0 when there are none.
    public func addCriteria(_ records: [stile_criterion]) throws(TablesError) -> UInt32 {
        try add(records, to: &criteria, header.pointee.criteria)
    }

    public func retireCriteria(first: UInt32, count: Int) {
        guard first != 0, count > 0 else { return }
        retire(.criteria(first: first, count: count))
    }

    public func addTableMap(_ record: stile_table_map) throws(TablesError) -> UInt32 {
        try add([record], to: &tableMaps, header.pointee.table_maps)
    }

    public func retireTableMap(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.tableMap(index))
    }

    /// Entries of one attached route map in a row; 0 when there are none.
    public func addRouteMapEntries(_ records: [stile_route_map_entry]) throws(TablesError) -> UInt32 {
        try add(records, to: &routeMapEntries, header.pointee.route_map_entries)
    }

    public func retireRouteMapEntries(first: UInt32, count: Int) {
        guard first != 0, count > 0 else { return }
        retire(.routeMapEntries(first: first, count: count))
    }

    private func add<Record>(
        _ records: [Record], to allocator: inout SectionAllocator, _ section: stile_section
    ) throws(TablesError) -> UInt32 {
        guard !records.isEmpty else { return 0 }
        let first = try allocator.take(count: records.count)
        let place = entry(section, Int(first), as: Record.self)
        for (position, record) in records.enumerated() { place[position] = record }
        return first
    }
}
