import CTableLayout

/// A mapped generation of the tables as raw pointers, for the workers. Valid while its `TablesMapping` (or
/// `TablesWriter`) lives. Indices are within bounds when they come from the tables; what comes from a packet is
/// checked by the accessor that takes it.
@frozen
public struct TablesReader: @unchecked Sendable {
    public let header: UnsafePointer<stile_tables_header>
    public let ports: UnsafePointer<stile_port>
    public let vlanMaps: UnsafePointer<stile_vlan_map>
    public let interfaces: UnsafePointer<stile_interface>
    public let labelEntries: UnsafePointer<stile_label_entry>
    /// Label entry → its source set.
    public let labelSources: UnsafePointer<UInt32>
    public let sourceSets: UnsafePointer<stile_source_set>
    /// Read them by `labels(ofContext:)`.
    public let contextTables: UnsafePointer<stile_context_table>
    public let localServices: UnsafePointer<stile_local_service>
    public let vrfs: UnsafePointer<stile_vrf>
    /// Roots for `FIBReader`, indexed as the VRFs; read them by `ipv4Root(ofVRF:)` and `ipv6Root(ofVRF:)`.
    public let ipv4Roots: UnsafePointer<UInt64>
    public let ipv6Roots: UnsafePointer<UInt64>
    /// Read them by `nextHop(_:)`.
    public let nextHops: UnsafePointer<UInt64>
    /// Read them by `member(of:origin:bucket:)`.
    public let groups: UnsafePointer<stile_group>
    /// Read them by `replicationMembers(_:)`; the numbers of lists come from label entries.
    public let replications: UnsafePointer<stile_replication>
    /// Link → index of its adjacency. Read them by `adjacency(of:)`.
    public let links: UnsafePointer<UInt32>
    public let adjacencies: UnsafePointer<stile_adjacency>
    public let neighbors: UnsafePointer<stile_neighbor>
    public let services: UnsafePointer<stile_services>
    public let accessLists: UnsafePointer<stile_access_list>
    public let accessRules: UnsafePointer<stile_access_rule>
    public let accessVectors: UnsafePointer<stile_access_vectors>
    public let policyClasses: UnsafePointer<stile_policy_class>
    public let criteria: UnsafePointer<stile_criterion>
    public let tableMaps: UnsafePointer<stile_table_map>
    public let routeMapEntries: UnsafePointer<stile_route_map_entry>
    public let fib: FIBReader

    /// Takes the sections' addresses from a validated header at `base`.
    @usableFromInline
    init(validated base: UnsafeRawPointer) {
        let header = base.assumingMemoryBound(to: stile_tables_header.self)
        func section<Entry>(_ section: stile_section, of type: Entry.Type) -> UnsafePointer<Entry> {
            (base + Int(section.offset)).assumingMemoryBound(to: type)
        }
        self.header = header
        ports = section(header.pointee.ports, of: stile_port.self)
        vlanMaps = section(header.pointee.vlan_maps, of: stile_vlan_map.self)
        interfaces = section(header.pointee.interfaces, of: stile_interface.self)
        labelEntries = section(header.pointee.label_entries, of: stile_label_entry.self)
        labelSources = section(header.pointee.label_sources, of: UInt32.self)
        sourceSets = section(header.pointee.source_sets, of: stile_source_set.self)
        contextTables = section(header.pointee.context_tables, of: stile_context_table.self)
        localServices = section(header.pointee.local_services, of: stile_local_service.self)
        vrfs = section(header.pointee.vrfs, of: stile_vrf.self)
        ipv4Roots = section(header.pointee.ipv4_roots, of: UInt64.self)
        ipv6Roots = section(header.pointee.ipv6_roots, of: UInt64.self)
        nextHops = section(header.pointee.next_hops, of: UInt64.self)
        groups = section(header.pointee.groups, of: stile_group.self)
        replications = section(header.pointee.replications, of: stile_replication.self)
        links = section(header.pointee.links, of: UInt32.self)
        adjacencies = section(header.pointee.adjacencies, of: stile_adjacency.self)
        neighbors = section(header.pointee.neighbors, of: stile_neighbor.self)
        services = section(header.pointee.services, of: stile_services.self)
        accessLists = section(header.pointee.access_lists, of: stile_access_list.self)
        accessRules = section(header.pointee.access_rules, of: stile_access_rule.self)
        accessVectors = section(header.pointee.access_vectors, of: stile_access_vectors.self)
        policyClasses = section(header.pointee.policy_classes, of: stile_policy_class.self)
        criteria = section(header.pointee.criteria, of: stile_criterion.self)
        tableMaps = section(header.pointee.table_maps, of: stile_table_map.self)
        routeMapEntries = section(header.pointee.route_map_entries, of: stile_route_map_entry.self)
        fib = FIBReader(arena: base + Int(header.pointee.fib.offset))
    }

    /// The counters of the frames of `port` (below `STILE_MAX_PORTS`) that are of no interface.
    @inlinable
    public func counter(ofPort port: UInt16) -> UInt16 {
        UInt16(truncatingIfNeeded: stile_load_acquire_u32(vlanSlots(of: Int(port)) + 1))
    }

    /// The interface record of a frame on `port` (below `STILE_MAX_PORTS`) without a tag or priority-tagged;
    /// 0: none.
    @inlinable
    public func interface(untaggedOn port: UInt16) -> UInt32 {
        untaggedSlot(of: Int(port))
    }

    /// The interface record of a frame on `port` whose only tag has the VLAN identifier `vid`; 0: none. Only the
    /// low 12 bits of `vid` count; VID 0 means untagged (IEEE 802.1Q, priority-tagged).
    @inlinable
    public func interface(port: UInt16, vid: UInt16) -> UInt32 {
        let slot = vlanSlot(port: port, vid: vid)
        return slot.hasSecondLevel ? interface(untaggedBelow: slot) : slot.interface
    }

    /// The interface record of a frame on `port` with two tags; 0: none.
    @inlinable
    public func interface(port: UInt16, outer: UInt16, inner: UInt16) -> UInt32 {
        let slot = vlanSlot(port: port, vid: outer)
        return slot.hasSecondLevel ? interface(below: slot, vid: inner) : 0
    }

    /// What the outer or only tag with the VLAN identifier `vid`, of which the low 12 bits count, stands for on `port`.
    @inlinable @inline(__always)
    public func vlanSlot(port: UInt16, vid: UInt16) -> VLANSlot {
        VLANSlot(rawValue: slot(of: Int(port), vid: vid))
    }

    /// The interface record of a frame whose outer tag stands for a slot with a second level, and that has no inner one; 0:
    /// none.
    @inlinable @inline(__always)
    public func interface(untaggedBelow slot: VLANSlot) -> UInt32 { untaggedSlot(of: slot.map) }

    /// The interface record of a frame whose outer tag stands for a slot with a second level, by its inner tag; 0: none.
    @inlinable @inline(__always)
    public func interface(below slot: VLANSlot, vid: UInt16) -> UInt32 { self.slot(of: slot.map, vid: vid) }

    @inlinable @inline(__always)
    func slot(of map: Int, vid: UInt16) -> UInt32 {
        let vid = Int(vid & 0xFFF)
        return stile_load_acquire_u32(vlanSlots(of: map) + (vid == 0 ? 0 : 16 &+ vid))
    }

    @inlinable @inline(__always)
    func untaggedSlot(of map: Int) -> UInt32 {
        stile_load_acquire_u32(vlanSlots(of: map))
    }

    @inlinable @inline(__always)
    func vlanSlots(of map: Int) -> UnsafePointer<UInt32> {
        UnsafeRawPointer(vlanMaps + map).assumingMemoryBound(to: UInt32.self)
    }

    /// The entry of `label` (20 bits) in the label table of an NNI; all zero when it is not valid there. A label
    /// outside the NNI's range costs no memory access.
    @inlinable
    public func labelEntry(_ label: UInt32, on nni: UnsafePointer<stile_interface>) -> stile_label_entry {
        unsafeBitCast(labelEntryWord(label, on: nni), to: stile_label_entry.self)
    }

    /// As `labelEntry`, the eight octets of the entry in one word.
    @inlinable
    public func labelEntryWord(_ label: UInt32, on nni: UnsafePointer<stile_interface>) -> UInt64 {
        labels(of: nni).entryWord(label)
    }

    /// The label table of an NNI, for many packets of it.
    @inlinable @inline(__always)
    public func labels(of nni: UnsafePointer<stile_interface>) -> LabelTable {
        LabelTable(
            base: nni.pointee.label_base, count: nni.pointee.label_count,
            entries: UnsafeRawPointer(labelEntries + Int(nni.pointee.label_first)).assumingMemoryBound(to: UInt64.self))
    }

    /// The labels of a space, by the record that a context entry names.
    @inlinable @inline(__always)
    public func labels(ofContext record: UInt32) -> LabelTable {
        let table = contextTables + Int(record)
        return LabelTable(
            base: table.pointee.label_base, count: table.pointee.label_count,
            entries: UnsafeRawPointer(labelEntries + Int(table.pointee.label_first)).assumingMemoryBound(
                to: UInt64.self))
    }

    /// The entry of a label that is valid by its source (STILE_FLAG_BY_SOURCE), in one word, for a packet from the Ethernet
    /// address in the low 48 bits of `source`, in the order of `stile_source_set`; `nil` if that is not one of them.
    ///
    /// Entry and source set are two words. The set's number is read before and behind the entry: where it is the same
    /// both belong together (`LabelWriter.setEntry`).
    @inlinable
    public func labelEntryWord(_ label: UInt32, in labels: LabelTable, from source: UInt64) -> UInt64? {
        let entries = UnsafeRawPointer(labelEntries).assumingMemoryBound(to: UInt64.self)
        // An entry that has sources was found, so that the label is within the table.
        let number = labelSources + (labels.entries - entries) + Int(label) - Int(labels.base)
        let set = stile_load_acquire_u32(number)
        let word = labels.entryWord(label)
        guard stile_load_acquire_u32(number) == set else { return nil }
        let address = source & 0xFFFF_FFFF_FFFF
        let addresses = UnsafeRawPointer(sourceSets + Int(set)).assumingMemoryBound(to: UInt64.self)
        var position = 0
        while position < Int(STILE_SOURCE_ADDRESSES) {
            if stile_load_relaxed_u64(addresses + position) == address { return address == 0 ? nil : word }
            position &+= 1
        }
        return nil
    }

    /// The same of a label of an NNI's own table.
    @inlinable
    public func labelEntryWord(
        _ label: UInt32, on nni: UnsafePointer<stile_interface>, from source: UInt64
    ) -> UInt64? {
        labelEntryWord(label, in: labels(of: nni), from: source)
    }

    /// The root of the VRF's IPv4 FIB, for `FIBReader`; 0: empty.
    @inlinable
    public func ipv4Root(ofVRF vrf: UInt16) -> UInt64 { stile_load_acquire_u64(ipv4Roots + Int(vrf)) }

    /// The root of the VRF's IPv6 FIB, for `FIBReader`; 0: empty.
    @inlinable
    public func ipv6Root(ofVRF vrf: UInt16) -> UInt64 { stile_load_acquire_u64(ipv6Roots + Int(vrf)) }

    /// The VRF's `stile_interface_flags`: which address families it carries, transit, TTL propagation.
    @inlinable
    public func flags(ofVRF vrf: UInt16) -> UInt32 {
        let word = UnsafeRawPointer(vrfs + Int(vrf)).assumingMemoryBound(to: UInt32.self)
        return stile_load_acquire_u32(word)
    }

    /// Whether what came in by an NNI may leave by one in this VRF.
    @inlinable
    public func allowsTransit(vrf: UInt16) -> Bool { flags(ofVRF: vrf) & STILE_FLAG_TRANSIT.rawValue != 0 }

    /// The next hop with this number as it is now; number 0: no route.
    @inlinable @inline(__always)
    public func nextHop(_ number: UInt32) -> NextHop {
        NextHop(rawValue: stile_load_acquire_u64(nextHops + Int(number)))
    }

    /// The number of the next hop that the packets of a bucket have which came from there; `nextHop` is a group.
    @inlinable @inline(__always)
    public func member(of nextHop: NextHop, origin: stile_group_origin, bucket: UInt32) -> UInt32 {
        stile_group_member(groups + Int(nextHop.group), origin.rawValue, bucket)
    }

    /// The number of a group's member at a position; 0: it has no more.
    @inlinable @inline(__always)
    public func member(of nextHop: NextHop, at position: UInt32) -> UInt32 {
        stile_group_member_at(groups + Int(nextHop.group), position)
    }

    /// The members of a group, in the order of their positions; none of a next hop that is no group.
    public func members(of nextHop: NextHop) -> [NextHop] {
        guard nextHop.isGroup, nextHop.group < header.pointee.groups.count else { return [] }
        let numbers = (0..<UInt32(STILE_GROUP_MEMBERS)).map { member(of: nextHop, at: $0) }
        return numbers.filter { $0 != 0 && $0 < header.pointee.next_hops.count }.map { self.nextHop($0) }
    }

    /// The members of a replication list: their next hops, and whether each may be on the side that a packet comes from.
    public func replicationMembers(_ list: UInt32) -> [(nextHop: UInt32, mayBeOnSameSide: Bool)] {
        guard list != 0, list < header.pointee.replications.count else { return [] }
        return (0..<UInt32(STILE_REPLICATION_MEMBERS)).map { stile_replication_member(replications + Int(list), $0) }
            .filter { $0 != 0 && $0 & ~STILE_MEMBER_SAME_SIDE < header.pointee.next_hops.count }
            .map { ($0 & ~STILE_MEMBER_SAME_SIDE, $0 & STILE_MEMBER_SAME_SIDE != 0) }
    }

    /// The index of the adjacency that the next hop's link has now, or another `stile_adjacency_index`.
    @inlinable @inline(__always)
    public func adjacency(of nextHop: NextHop) -> UInt32 {
        stile_load_acquire_u32(links + Int(nextHop.link))
    }

    /// Whether packets leave by the next hop: its neighbor's Ethernet address is known.
    @inlinable @inline(__always)
    public func isResolved(_ nextHop: NextHop) -> Bool {
        nextHop.leadsOut(by: adjacency(of: nextHop))
    }

    /// The record of the interface that packets leave by; `nil` for a next hop without one.
    public func egress(of nextHop: NextHop) -> stile_interface? {
        nextHop.hasInterface ? interfaces[Int(nextHop.interface)] : nil
    }

    /// Whether any VRF has its flows metered.
    @inlinable
    public var metersFlows: Bool { stile_metered_vrfs(header) != 0 }
}
