/// Those that got no label because none was free, in the order in which they are tried again: who has been tried goes to the end,
/// so that each has its turn however many there are. Labels of whole VRFs and of relays have a queue of their own, since routes of
/// VRFs may be many that none can be given.
struct OwnersWithoutLabel {
    private var own = DistinctQueue<LabelOwner>()
    private var forRoutes = DistinctQueue<LabelOwner>()
    /// How many have not been tried since labels have come free.
    private var untried = 0
    /// How many of each place there are: there may be as many as routes.
    private var counts: [Place: Int] = [:]

    /// A VRF, or relays for `nil`, at a neighbor.
    private struct Place: Hashable {
        let vrf: VRFIdentity?
        let neighbor: NeighborIdentity
    }

    var isEmpty: Bool { own.isEmpty && forRoutes.isEmpty }
    var vrfs: Set<VRFIdentity> { Set(counts.keys.compactMap(\.vrf)) }
    /// Whether some are to be tried that have not been since labels have come free.
    var areAnyUntried: Bool { untried > 0 && !isEmpty }

    func contains(_ owner: LabelOwner) -> Bool { own.contains(owner) || forRoutes.contains(owner) }

    /// Whether the VRF, or relays for `nil`, has any for the neighbor.
    func containsAny(of vrf: VRFIdentity?, _ neighbor: NeighborIdentity) -> Bool {
        counts[Place(vrf: vrf, neighbor: neighbor)] != nil
    }

    mutating func insert(_ owner: LabelOwner) {
        guard !contains(owner) else { return }
        counts[Place(vrf: owner.vrf, neighbor: owner.neighbor), default: 0] += 1
        if Self.isForRoutes(owner) { forRoutes.append(owner) } else { own.append(owner) }
    }

    mutating func remove(_ owner: LabelOwner) {
        guard contains(owner) else { return }
        own.remove(owner)
        forRoutes.remove(owner)
        let place = Place(vrf: owner.vrf, neighbor: owner.neighbor)
        let count = (counts[place] ?? 1) - 1
        counts[place] = count > 0 ? count : nil
    }

    /// Forgets who is not to have a label, of the scope.
    mutating func keep(_ wanted: Set<LabelOwner>, of scope: WantedLabels.Scope) {
        for owner in Array(own.elements) where scope.contains(owner) && !wanted.contains(owner) { remove(owner) }
        if case .vrfs(let vrfs) = scope, vrfs.isEmpty { return }
        for owner in Array(forRoutes.elements) where scope.contains(owner) && !wanted.contains(owner) { remove(owner) }
    }

    /// Labels have come free: all are to be tried.
    mutating func retryAll() { untried = max(own.count, forRoutes.count) }

    /// Those that are to be tried next, at most `limit` of each kind.
    mutating func takeTurn(_ limit: Int) -> [LabelOwner] {
        untried = max(0, untried - limit)
        return Self.takeTurn(limit, of: &own) + Self.takeTurn(limit, of: &forRoutes)
    }

    /// The first ones, which are the last from now on.
    private static func takeTurn(_ limit: Int, of queue: inout DistinctQueue<LabelOwner>) -> [LabelOwner] {
        var taken: [LabelOwner] = []
        while taken.count < limit, let owner = queue.popFirst() { taken.append(owner) }
        for owner in taken { queue.append(owner) }
        return taken
    }

    private static func isForRoutes(_ owner: LabelOwner) -> Bool { owner.subject.isCalledFor && owner.vrf != nil }
}
