/// How much fits in one generation of the tables. The file is sparse: what is not used takes no memory.
public struct TableCapacities: Hashable, Sendable {
    /// Interface records: circuits, NNIs and units, with room for replaced ones. At most 65,536.
    public var interfaces = 65_536
    /// VLAN maps: one for each of the 64 ports and one for each outer VLAN with inner VLANs.
    public var vlanMaps = 512
    /// Label entries of all NNIs together.
    public var labelEntries = 1 << 22
    /// Neighbors whose labels are valid from their own Ethernet addresses alone.
    public var sourceSets = 16_384
    /// Label spaces on NNIs and in the core, with room for a larger table of one beside the one that it replaces.
    public var contextTables = 4_096
    /// At most 65,536.
    public var localServices = 16_384
    /// VRF numbers 0 to this, exclusive. At most 65,536.
    public var vrfs = 65_536
    /// A far end's label takes one, as a circuit's neighbor does.
    public var nextHops = 1 << 21
    /// Sets of next hops that routes have at the same time; equal sets share one. At most 1,048,576.
    public var groups = 1 << 15
    /// Labels whose packets are replicated, with room for a list beside the one that it replaces.
    public var replications = 1 << 14
    /// Neighbors that next hops lead to. At most 1,048,576.
    public var links = 1 << 18
    /// Of resolved neighbors, with room for a new address beside the one that it replaces.
    public var adjacencies = 1 << 19
    public var neighbors = 1 << 18
    /// Interfaces with services, with room for replaced records.
    public var services = 1 << 17
    public var accessLists = 1 << 14
    /// Rules of all lists together, with room for a list beside the one that it replaces.
    public var accessRules = 1 << 20
    /// Of short lists, in units of 64 octets: a list takes 40 or more for each 64 rules. A list for which there is no room
    /// is read otherwise.
    public var accessVectors = 1 << 21
    /// Classes of all attached policies together, as the next three.
    public var policyClasses = 1 << 16
    public var criteria = 1 << 17
    public var tableMaps = 1 << 12
    public var routeMapEntries = 1 << 16
    /// Octets of the FIB arena: at most 4 GiB, a multiple of 4,096.
    public var fibArenaBytes = 1 << 30

    public init() {}

    /// What is taken on a hugetlbfs mount, where a file cannot be sparse.
    public static var hugepages: TableCapacities {
        var capacities = TableCapacities()
        capacities.labelEntries = 1 << 20
        capacities.groups = 1 << 13
        capacities.replications = 1 << 10
        capacities.links = 1 << 16
        capacities.adjacencies = 1 << 17
        capacities.neighbors = 1 << 16
        capacities.services = 1 << 15
        capacities.accessLists = 1 << 12
        capacities.accessRules = 1 << 17
        capacities.accessVectors = 1 << 16
        capacities.policyClasses = 1 << 14
        capacities.criteria = 1 << 15
        capacities.tableMaps = 1 << 10
        capacities.routeMapEntries = 1 << 13
        capacities.fibArenaBytes = 256 << 20
        return capacities
    }
}
