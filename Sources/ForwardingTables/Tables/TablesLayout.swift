import CTableLayout

/// Where the sections of a tables file begin, and what makes a header valid.
struct TablesLayout {
    static let headerBytes = MemoryLayout<stile_tables_header>.size

    private(set) var header: stile_tables_header

    /// The header of a new file.
    init(generation: UInt64, capacities: TableCapacities) {
        header = stile_tables_header()
        header.magic = STILE_TABLES_MAGIC
        header.layout_version = STILE_LAYOUT_VERSION
        header.header_bytes = UInt32(Self.headerBytes)
        header.generation = generation
        var offset = 4_096
        func place(_ count: Int, _ entryBytes: Int) -> stile_section {
            let section = stile_section(offset: UInt64(offset), count: UInt32(count), entry_bytes: UInt32(entryBytes))
            offset = (offset + count * entryBytes + 4_095) / 4_096 * 4_096
            return section
        }
        header.ports = place(Int(STILE_MAX_PORTS), MemoryLayout<stile_port>.size)
        header.vlan_maps = place(capacities.vlanMaps, MemoryLayout<stile_vlan_map>.size)
        header.interfaces = place(capacities.interfaces, MemoryLayout<stile_interface>.size)
        header.label_entries = place(capacities.labelEntries, MemoryLayout<stile_label_entry>.size)
        header.label_sources = place(capacities.labelEntries, MemoryLayout<UInt32>.size)
        header.source_sets = place(capacities.sourceSets, MemoryLayout<stile_source_set>.size)
        header.context_tables = place(capacities.contextTables, MemoryLayout<stile_context_table>.size)
        header.local_services = place(capacities.localServices, MemoryLayout<stile_local_service>.size)
        header.vrfs = place(capacities.vrfs, MemoryLayout<stile_vrf>.size)
        header.ipv4_roots = place(capacities.vrfs, MemoryLayout<UInt64>.size)
        header.ipv6_roots = place(capacities.vrfs, MemoryLayout<UInt64>.size)
        header.next_hops = place(capacities.nextHops, MemoryLayout<UInt64>.size)
        header.groups = place(capacities.groups, MemoryLayout<stile_group>.size)
        header.replications = place(capacities.replications, MemoryLayout<stile_replication>.size)
        header.links = place(capacities.links, MemoryLayout<UInt32>.size)
        header.adjacencies = place(capacities.adjacencies, MemoryLayout<stile_adjacency>.size)
        header.neighbors = place(capacities.neighbors, MemoryLayout<stile_neighbor>.size)
        header.services = place(capacities.services, MemoryLayout<stile_services>.size)
        header.access_lists = place(capacities.accessLists, MemoryLayout<stile_access_list>.size)
        header.access_rules = place(capacities.accessRules, MemoryLayout<stile_access_rule>.size)
        header.access_vectors = place(capacities.accessVectors, MemoryLayout<stile_access_vectors>.size)
        header.policy_classes = place(capacities.policyClasses, MemoryLayout<stile_policy_class>.size)
        header.criteria = place(capacities.criteria, MemoryLayout<stile_criterion>.size)
        header.table_maps = place(capacities.tableMaps, MemoryLayout<stile_table_map>.size)
        header.route_map_entries = place(capacities.routeMapEntries, MemoryLayout<stile_route_map_entry>.size)
        // The arena's blocks are aligned to their size in memory, too: a 2 MiB table lies in one hugepage.
        offset = ((offset + (1 << 21) - 1) >> 21) << 21
        header.fib = place(capacities.fibArenaBytes / 8, 8)
        header.total_bytes = UInt64(((offset + (1 << 21) - 1) >> 21) << 21)
    }

    /// Checks a mapped file: its header agrees with this program and with the file's length.
    static func validate(
        _ base: UnsafeRawPointer, byteCount: Int, path: String, generation: UInt64?
    ) throws(SegmentError) {
        try SegmentHeader.validate(
            base, byteCount: byteCount, path: path, magic: STILE_TABLES_MAGIC, headerBytes: headerBytes)
        let header = base.load(as: stile_tables_header.self)
        guard header.total_bytes == UInt64(byteCount) else {
            throw .truncated(path: path, found: byteCount, expected: Int(clamping: header.total_bytes))
        }
        if let generation, generation != header.generation {
            throw .otherGeneration(path: path, found: header.generation, expected: generation)
        }
        for (name, section, entryBytes, minimum) in sections(of: header) {
            let (bytes, overflow) = UInt64(section.count).multipliedReportingOverflow(by: UInt64(section.entry_bytes))
            guard section.entry_bytes == UInt32(entryBytes), section.count >= minimum, !overflow,
                section.offset % 64 == 0, section.offset >= UInt64(headerBytes), section.offset <= header.total_bytes,
                bytes <= header.total_bytes - section.offset
            else { throw .invalid(path: path, field: name.rawValue) }
        }
    }

    /// The sections with the size of an entry and the least number of entries that a reader counts on.
    private static func sections(
        of header: stile_tables_header
    ) -> [(TablesSection, stile_section, entryBytes: Int, minimum: UInt32)] {
        [
            (.ports, header.ports, MemoryLayout<stile_port>.size, UInt32(STILE_MAX_PORTS)),
            (.vlanMaps, header.vlan_maps, MemoryLayout<stile_vlan_map>.size, UInt32(STILE_MAX_PORTS)),
            (.interfaces, header.interfaces, MemoryLayout<stile_interface>.size, 1),
            (.labelEntries, header.label_entries, MemoryLayout<stile_label_entry>.size, 1),
            (.labelSources, header.label_sources, MemoryLayout<UInt32>.size, header.label_entries.count),
            (.sourceSets, header.source_sets, MemoryLayout<stile_source_set>.size, 1),
            (.contextTables, header.context_tables, MemoryLayout<stile_context_table>.size, 1),
            (.localServices, header.local_services, MemoryLayout<stile_local_service>.size, 1),
            (.vrfs, header.vrfs, MemoryLayout<stile_vrf>.size, 1),
            (.ipv4Roots, header.ipv4_roots, MemoryLayout<UInt64>.size, header.vrfs.count),
            (.ipv6Roots, header.ipv6_roots, MemoryLayout<UInt64>.size, header.vrfs.count),
            (.nextHops, header.next_hops, MemoryLayout<UInt64>.size, 1),
            (.groups, header.groups, MemoryLayout<stile_group>.size, 1),
            (.replications, header.replications, MemoryLayout<stile_replication>.size, 1),
            (.links, header.links, MemoryLayout<UInt32>.size, 1),
            (
                .adjacencies, header.adjacencies, MemoryLayout<stile_adjacency>.size,
                STILE_ADJACENCY_FIRST.rawValue
            ),
            (.neighbors, header.neighbors, MemoryLayout<stile_neighbor>.size, 1),
            (.services, header.services, MemoryLayout<stile_services>.size, 1),
            (.accessLists, header.access_lists, MemoryLayout<stile_access_list>.size, 1),
            (.accessRules, header.access_rules, MemoryLayout<stile_access_rule>.size, 1),
            (.accessVectors, header.access_vectors, MemoryLayout<stile_access_vectors>.size, 1),
            (.policyClasses, header.policy_classes, MemoryLayout<stile_policy_class>.size, 1),
            (.criteria, header.criteria, MemoryLayout<stile_criterion>.size, 1),
            (.tableMaps, header.table_maps, MemoryLayout<stile_table_map>.size, 1),
            (.routeMapEntries, header.route_map_entries, MemoryLayout<stile_route_map_entry>.size, 1),
            (.fib, header.fib, 8, 2),
        ]
    }
}
