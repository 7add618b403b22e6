/// Everything that is kept on disk so that it is the same after a restart.
public struct Allocations: Hashable, Sendable {
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
