import Addressing
import CTableLayout

/// The only writer of a generation of the tables.
///
/// Records are written in free entries and made reachable by one store; replaced records are retired and come back
/// when `reclaim` is told that all workers have passed their epoch. Every method that throws has then changed nothing.
/// Not thread-safe: one thread owns it.
public final class TablesWriter {
    /// Where the file is, for `ControlSegment.publish`.
    public var path: String { storage.path }
    public let generation: UInt64
    public let capacities: TableCapacities
    /// The readers' view of the same memory.
    public let reader: TablesReader

    /// Whether a data plane may have this generation. While `false`, what is retired is free at once: set it before
    /// `ControlSegment.publish` and never back.
    public var isPublished = false {
        didSet { fib.hasReaders = isPublished }
    }

    let storage: FileStorage
    let header: UnsafeMutablePointer<stile_tables_header>
    var interfaces: SectionAllocator
    var vlanMaps: SectionAllocator
    var labelEntries: SectionAllocator
    var labelSources: SectionAllocator
    var sourceSets: SectionAllocator
    var localServices: SectionAllocator
    var nextHops: SectionAllocator
    var links: SectionAllocator
    var adjacencies: SectionAllocator
    var neighbors: SectionAllocator
    var vrfs: SectionAllocator
    var ipv4Roots: SectionAllocator
    var ipv6Roots: SectionAllocator
    var services: SectionAllocator
    var accessLists: SectionAllocator
    var accessRules: SectionAllocator
    var accessVectors: SectionAllocator
    var policyClasses: SectionAllocator
    var criteria: SectionAllocator
    var tableMaps: SectionAllocator
    var routeMapEntries: SectionAllocator
    /// The serial number of the access list that was added last.
    var accessListSerial: UInt64 = 0
    let fib: FIBMemory
    var ipv4Tries: [UInt16: FIBTrie<UInt32>] = [:]
    var ipv6Tries: [UInt16: FIBTrie<UInt128>] = [:]
    var secondLevels: [VLANPosition: SecondLevel] = [:]
    private var retired = ReclamationQueue<RetiredRecord>()

    /// Makes the file `tables.<generation>` of a new generation, with nothing in it: in `hugepageDirectory` (a hugetlbfs
    /// mount) when that is given and has room for it, otherwise in `directory`. `hashKey` keys the writer's hash
    /// tables; it should not be guessable.
    public init(
        directory: String, hugepageDirectory: String? = nil, generation: UInt64,
        capacities: TableCapacities = TableCapacities(), hugepageCapacities: TableCapacities = .hugepages,
        hashKey: UInt64 = .random(in: .min ... .max)
    ) throws(SegmentError) {
        let file = try Self.makeFile(
            directory: directory, hugepageDirectory: hugepageDirectory, generation: generation,
            capacities: capacities, hugepageCapacities: hugepageCapacities)
        let storage = file.storage
        let capacities = file.capacities
        let layout = file.layout.header
        self.storage = storage
        self.capacities = capacities
        self.generation = generation
        header = storage.base.assumingMemoryBound(to: stile_tables_header.self)
        reader = TablesReader(validated: storage.base)
        func allocator(_ section: TablesSection, _ place: stile_section) -> SectionAllocator {
            SectionAllocator(
                section, storage: storage, offset: place.offset, entryBytes: Int(place.entry_bytes),
                capacity: Int(place.count))
        }
        interfaces = allocator(.interfaces, layout.interfaces)
        vlanMaps = allocator(.vlanMaps, layout.vlan_maps)
        labelEntries = allocator(.labelEntries, layout.label_entries)
        labelSources = allocator(.labelSources, layout.label_sources)
        sourceSets = allocator(.sourceSets, layout.source_sets)
        localServices = allocator(.localServices, layout.local_services)
        nextHops = allocator(.nextHops, layout.next_hops)
        links = allocator(.links, layout.links)
        adjacencies = allocator(.adjacencies, layout.adjacencies)
        neighbors = allocator(.neighbors, layout.neighbors)
        vrfs = allocator(.vrfs, layout.vrfs)
        ipv4Roots = allocator(.ipv4Roots, layout.ipv4_roots)
        ipv6Roots = allocator(.ipv6Roots, layout.ipv6_roots)
        services = allocator(.services, layout.services)
        accessLists = allocator(.accessLists, layout.access_lists)
        accessRules = allocator(.accessRules, layout.access_rules)
        accessVectors = allocator(.accessVectors, layout.access_vectors)
        policyClasses = allocator(.policyClasses, layout.policy_classes)
        criteria = allocator(.criteria, layout.criteria)
        tableMaps = allocator(.tableMaps, layout.table_maps)
        routeMapEntries = allocator(.routeMapEntries, layout.route_map_entries)
        fib = FIBMemory(
            arena: FIBArena(
                storage: storage, storageOffset: Int(layout.fib.offset), byteCount: capacities.fibArenaBytes),
            hashKey: hashKey)
        do throws(TablesError) {
            // Read without having been handed out: entry 0 of each kind, the block of reference 0 and the first level of
            // VLANs.
            try interfaces.commit(count: 1)
            try fib.arena.commitFirst()
            try nextHops.commit(count: 1)
            try links.commit(count: 1)
            _ = try adjacencies.take(count: Int(STILE_ADJACENCY_FIRST.rawValue) - 1)
            for index in 0..<Int(STILE_ADJACENCY_FIRST.rawValue) {
                entry(layout.adjacencies, index, as: stile_adjacency.self).pointee.port = .max
            }
            try labelEntries.commit(count: 1)
            try labelSources.commit(count: 1)
            try sourceSets.commit(count: 1)
            try vrfs.commit(count: 1)
            try ipv4Roots.commit(count: 1)
            try ipv6Roots.commit(count: 1)
            _ = try vlanMaps.take(count: Int(STILE_MAX_PORTS) - 1)
        } catch {
            throw .system(call: "fallocate", path: storage.path, code: 28)
        }
    }

    /// Notes that a worker whose epoch is `epoch` or later cannot see what was retired before: call it with the result
    /// of `ControlSegment.advanceEpoch`.
    public func closeEpoch(_ epoch: UInt64) {
        retired.close(epoch: epoch)
        fib.close(epoch: epoch)
    }

    /// Takes back what all workers have passed: `epoch` is the oldest of the workers' epochs, or `UInt64.max` when no
    /// data plane lives.
    public func reclaim(passed epoch: UInt64) {
        fib.reclaim(passed: epoch)
        retired.reclaim(passed: epoch) { giveBack($0) }
    }

    /// The number of records and FIB blocks that wait to be reclaimed.
    public var retiredCount: Int { retired.count + fib.retiredCount }

    /// Octets of the FIB arena in use, blocks that wait included.
    public var fibArenaBytesInUse: Int { fib.arena.allocatedBytes }

    /// How many records have come free since the tables were made: what found no room may find it when this changes.
    public private(set) var givenBackCount: UInt64 = 0

    func retire(_ record: RetiredRecord) {
        if isPublished { retired.retire(record) } else { giveBack(record) }
    }

    private func giveBack(_ record: RetiredRecord) {
        givenBackCount &+= 1
        switch record {
        case .interface(let index): interfaces.give(back: index)
        case .nextHop(let index):
            stile_store_release_u64(nextHopWord(index), 0)
            nextHops.give(back: index)
        case .link(let index):
            stile_store_release_u32(linkWord(index), STILE_ADJACENCY_NONE.rawValue)
            links.give(back: index)
        case .adjacency(let index): adjacencies.give(back: index)
        case .labelTable(let first, let count): labelEntries.give(back: first, count: count)
        case .sourceSet(let index): sourceSets.give(back: index)
        case .localServices(let first, let count): localServices.give(back: first, count: count)
        case .vlanMap(let index): vlanMaps.give(back: index)
        case .services(let index): services.give(back: index)
        case .accessList(let index, let firstRule, let ruleCount, let firstVector, let vectorUnits):
            accessVectors.give(back: firstVector, count: vectorUnits)
            accessRules.give(back: firstRule, count: ruleCount)
            accessLists.give(back: index)
        case .policyClasses(let first, let count): policyClasses.give(back: first, count: count)
        case .criteria(let first, let count): criteria.give(back: first, count: count)
        case .tableMap(let index): tableMaps.give(back: index)
        case .routeMapEntries(let first, let count): routeMapEntries.give(back: first, count: count)
        }
    }

    /// The writable address of a section's entry.
    func entry<Entry>(_ section: stile_section, _ index: Int, as type: Entry.Type) -> UnsafeMutablePointer<Entry> {
        (storage.base + Int(section.offset)).assumingMemoryBound(to: type) + index
    }
}

/// A record or range of records that readers may still be looking at.
enum RetiredRecord {
    case interface(UInt32)
    case nextHop(UInt32)
    case link(UInt32)
    case adjacency(UInt32)
    case labelTable(first: UInt32, count: Int)
    case sourceSet(UInt32)
    case localServices(first: UInt32, count: Int)
    case vlanMap(UInt32)
    case services(UInt32)
    case accessList(UInt32, firstRule: UInt32, ruleCount: Int, firstVector: UInt32, vectorUnits: Int)
    case policyClasses(first: UInt32, count: Int)
    case criteria(first: UInt32, count: Int)
    case tableMap(UInt32)
    case routeMapEntries(first: UInt32, count: Int)
}
