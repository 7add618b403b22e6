/// What of one plan is otherwise in the next one, with what depends on it: as large as the change, however large the
/// plans are. It is worked out beside the event loop, so that what is left to do there is in proportion to it.
struct PlanChanges: Sendable {
    /// Whether everything is to be looked at, because something could not be done before.
    private(set) var isEverything = false
    /// The interfaces whose records may be others: those that are otherwise themselves, or whose VRF or NNI is. Where everything
    /// is looked at, what stands for the core is one of them.
    private(set) var interfaces: Set<String> = []
    /// The VRFs that are otherwise, new or gone.
    private(set) var vrfs: Set<String> = []
    /// Whether a neighbor is on another NNI, which any VRF's next hops may depend on.
    private(set) var hasMovedNeighbors = false
    /// Whether PEs may be reached otherwise.
    private(set) var hasOtherTransports = false
    /// Whether services, or what they name, are otherwise.
    private(set) var hasOtherServices = false

    private init() {}

    init(from old: ForwardingPlan, to new: ForwardingPlan) {
        vrfs = Self.keysThatDiffer(old.vrfs, new.vrfs)
        interfaces = Self.keysThatDiffer(old.interfaces, new.interfaces)
        addDependents(from: old, to: new)
        hasMovedNeighbors = old.interfaceOfPeer != new.interfaceOfPeer
        hasOtherTransports = old.core != new.core
        hasOtherServices = Self.hasOtherServices(from: old, to: new, isElseSame: vrfs.isEmpty && interfaces.isEmpty)
    }

    /// The plan is the same, but services come to name something else.
    static var ofServices: PlanChanges {
        var changes = PlanChanges()
        changes.hasOtherServices = true
        return changes
    }

    /// Everything in either plan.
    static func everything(from old: ForwardingPlan, to new: ForwardingPlan) -> PlanChanges {
        var changes = PlanChanges()
        changes.isEverything = true
        changes.interfaces = Set(old.interfaces.keys).union(new.interfaces.keys).union([ForwardingPlan.coreName])
        changes.vrfs = Set(old.vrfs.keys).union(new.vrfs.keys)
        changes.hasMovedNeighbors = true
        changes.hasOtherTransports = true
        changes.hasOtherServices = true
        return changes
    }

    private mutating func addDependents(from old: ForwardingPlan, to new: ForwardingPlan) {
        let nnis = interfaces.filter { old.interfaces[$0]?.number != new.interfaces[$0]?.number }
        guard !vrfs.isEmpty || !nnis.isEmpty else { return }
        for (name, interface) in new.interfaces {
            if let vrf = interface.vrf, vrfs.contains(vrf) { interfaces.insert(name) }
            if let nni = interface.nniName, nnis.contains(nni) { interfaces.insert(name) }
        }
    }

    /// Route maps look at circuits and VRFs besides.
    private static func hasOtherServices(
        from old: ForwardingPlan, to new: ForwardingPlan, isElseSame: Bool
    ) -> Bool {
        guard !old.usersOfServices.isEmpty || !new.usersOfServices.isEmpty else { return false }
        guard old.accessLists == new.accessLists, old.usersOfServices.count == new.usersOfServices.count,
            new.usersOfServices.keys.allSatisfy({ old.usersOfServices[$0] != nil })
        else { return true }
        return !isElseSame && new.usersOfServices.keys.contains { !$0.routeMaps.isEmpty }
    }

    private static func keysThatDiffer<Value: Equatable>(_ old: [String: Value], _ new: [String: Value]) -> Set<String>
    {
        var keys: Set<String> = []
        for (key, value) in new where old[key] != value { keys.insert(key) }
        for key in old.keys where new[key] == nil { keys.insert(key) }
        return keys
    }
}
