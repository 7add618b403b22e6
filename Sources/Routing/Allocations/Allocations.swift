/// Everything that is kept on disk so that it is the same after a restart.
public struct Allocations: Hashable, Sendable {
    /// Which box's life this is: drawn at random when there was nothing on disk, and kept from then on.
    public var history: UInt64 = 0
    /// How often it has been written: of two copies of one history the higher number is the newer.
    public var serial: UInt64 = 0
    public var labels = LabelAllocations()
    /// The numbers of VRFs in the tables, by name and route distinguisher.
    public var vrfNumbers = NumberAllocations()
    /// The numbers of interfaces among the counters, by the name of the interface and of its VRF.
    public var interfaceCounters = NumberAllocations()
    /// The numbers of the classes of attached policies among the class counters.
    public var classInstances = NumberAllocations()
    /// The numbers of the entries of access lists among the hit counters.
    public var accessHits = NumberAllocations()

    public init() {}
}
