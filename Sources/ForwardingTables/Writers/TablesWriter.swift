import CTableLayout

/// The only writer of a generation of the tables: makes its file, and has a writer for each kind of record.
///
/// Records are written in free entries and made reachable by one store; replaced records are retired and come back
/// when `reclaim` is told that all workers have passed their epoch. Every method that throws has then changed nothing.
/// Not thread-safe: one thread owns it and its parts.
public final class TablesWriter {
    public let generation: UInt64
    /// The readers' view of the same memory.
    public let reader: TablesReader
    private let file: TablesFile

    public let ports: PortWriter
    public let vlans: VLANWriter
    public let interfaces: InterfaceWriter
    /// Of NNIs and circuits: those of one in a row, which its `local_first` and `local_count` name.
    public let localServices: RecordSection<stile_local_service>
    public let labels: LabelWriter
    public let sourceSets: SourceSetWriter
    public let nextHops: NextHopWriter
    public let groups: GroupWriter
    public let replications: ReplicationWriter
    public let links: LinkWriter
    public let neighbors: NeighborWriter
    public let vrfs: VRFWriter
    public let flows: FlowWriter
    public let routes: RouteWriter

    // The customers' services (layout: stile_services.h). Nothing reaches them until an interface record names them.
    public let services: RecordSection<stile_services>
    public let accessLists: AccessListWriter
    /// Those of one attached policy in a row.
    public let policyClasses: RecordSection<stile_policy_class>
    /// Those of one class map in a row.
    public let criteria: RecordSection<stile_criterion>
    public let tableMaps: RecordSection<stile_table_map>
    /// Those of one attached route map in a row.
    public let routeMapEntries: RecordSection<stile_route_map_entry>

    /// Makes the file `tables.<generation>` of a new generation, with nothing in it: in `hugepageDirectory` (a hugetlbfs
    /// mount) when that is given and has room for it, otherwise in `directory`. `hashKey` keys the writer's hash
    /// tables; it should not be guessable.
    public init(
        directory: String, hugepageDirectory: String? = nil, generation: UInt64,
        capacities: TableCapacities = TableCapacities(), hugepageCapacities: TableCapacities = .hugepages,
        hashKey: UInt64 = .random(in: .min ... .max)
    ) throws(SegmentError) {
        let file = try TablesFile(
            directory: directory, hugepageDirectory: hugepageDirectory, generation: generation,
            capacities: capacities, hugepageCapacities: hugepageCapacities)
        let header = file.header.pointee
        self.file = file
        self.generation = generation
        reader = TablesReader(validated: file.storage.base)
        do throws(TablesError) {
            ports = PortWriter(file)
            vlans = try VLANWriter(file)
            interfaces = try InterfaceWriter(file)
            localServices = RecordSection(.localServices, at: header.local_services, of: file)
            labels = try LabelWriter(file)
            sourceSets = try SourceSetWriter(file)
            nextHops = try NextHopWriter(file)
            groups = GroupWriter(file)
            replications = try ReplicationWriter(file)
            links = try LinkWriter(file)
            neighbors = NeighborWriter(file)
            vrfs = try VRFWriter(file)
            flows = FlowWriter(file, vrfs: vrfs)
            routes = try RouteWriter(file, vrfs: vrfs, hashKey: hashKey)
            services = RecordSection(.services, at: header.services, of: file)
            accessLists = AccessListWriter(file)
            policyClasses = RecordSection(.policyClasses, at: header.policy_classes, of: file)
            criteria = RecordSection(.criteria, at: header.criteria, of: file)
            tableMaps = RecordSection(.tableMaps, at: header.table_maps, of: file)
            routeMapEntries = RecordSection(.routeMapEntries, at: header.route_map_entries, of: file)
        } catch {
            throw .system(call: "fallocate", path: file.storage.path, code: 28)
        }
    }

    /// Where the file is, for `ControlSegment.publish`.
    public var path: String { file.storage.path }
    public var capacities: TableCapacities { file.capacities }

    /// How many workers there are and where they run; `nil` leaves a worker's processor to the kernel. At most 64.
    public func setWorkers(cores: [UInt16?], polling: stile_polling) throws(TablesError) {
        guard (1...64).contains(cores.count) else { throw .outOfRange(.ports) }
        let header = file.header
        header.pointee.worker_count = UInt32(cores.count)
        header.pointee.polling = polling.rawValue
        withUnsafeMutableBytes(of: &header.pointee.worker_cores) { bytes in
            for (index, core) in cores.enumerated() {
                bytes.storeBytes(of: core ?? 0xFFFF, toByteOffset: index * 2, as: UInt16.self)
            }
        }
    }

    /// What the choice among the members of groups depends on beside the flow: the same on one box at all times, and another on
    /// each, so that boxes in a row do not all choose alike. Flows go other ways from when it changes.
    public func setHashSeed(_ seed: UInt32) { stile_store_relaxed_u32(&file.header.pointee.hash_seed, seed) }

    /// Clears a VRF's flags, ends the metering of its flows and removes all its routes.
    public func removeVRF(_ vrf: UInt16) throws(TablesError) {
        try vrfs.setFlags(0, ofVRF: vrf)
        try flows.setMetering(nil, ofVRF: vrf)
        routes.removeAll(vrf: vrf)
    }

    // MARK: Readers

    /// Whether a data plane may have this generation. While `false`, what is retired is free at once.
    public var isPublished: Bool { file.reclamation.isPublished }

    /// From now on a data plane may have this generation: to be said before `ControlSegment.publish`.
    public func markPublished() { file.reclamation.publish() }

    /// Notes that a worker whose epoch is `epoch` or later cannot see what was retired before: call it with the result
    /// of `ControlSegment.advanceEpoch`.
    public func closeEpoch(_ epoch: UInt64) {
        file.reclamation.close(epoch: epoch)
        routes.closeEpoch(epoch)
    }

    /// Takes back what all workers have passed: `epoch` is the oldest of the workers' epochs, or `UInt64.max` when no
    /// data plane lives.
    public func reclaim(passed epoch: UInt64) {
        routes.reclaim(passed: epoch)
        file.reclamation.reclaim(passed: epoch)
    }

    /// The number of records and FIB blocks that wait to be reclaimed.
    public var retiredCount: Int { file.reclamation.retiredCount + routes.retiredCount }

    /// How often records have come free since the tables were made: what found no room may find it when this changes.
    public var givenBackCount: UInt64 { file.reclamation.givenBackCount }
}
