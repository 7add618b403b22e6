/// Those that got no label because none was free, in the order in which they are tried again: who has been tried goes to the end,
/// so that each has its turn however many there are. Labels of whole VRFs and of relays have a queue of their own, since routes of
/// VRFs may be many that none can be given.
struct OwnersWithoutLabel {
    private var own = OwnerQueue()
    private var forRoutes = OwnerQueue()
    /// How many have not been tried since labels have come free.
    private var untried = 0

    var isEmpty: Bool { own.isEmpty && forRoutes.isEmpty }
    var all: [LabelOwner] { own.all + forRoutes.all }
    /// Whether some are to be tried that have not been since labels have come free.
    var areAnyUntried: Bool { untried > 0 && !isEmpty }

    func contains(_ owner: LabelOwner) -> Bool { own.contains(owner) || forRoutes.contains(owner) }

    /// Whether the VRF, or relays for `nil`, has any for the neighbor.
    func containsAny(of vrf: VRFIdentity?, _ neighbor: NeighborIdentity) -> Bool {
        let isAny = { (owner: LabelOwner) in owner.vrf == vrf && owner.neighbor == neighbor }
        return own.contains(where: isAny) || forRoutes.contains(where: isAny)
    }

    mutating func insert(_ owner: LabelOwner) {
        if Self.isForRoutes(owner) { forRoutes.insert(owner) } else { own.insert(owner) }
    }

    mutating func remove(_ owner: LabelOwner) {
        own.remove(owner)
        forRoutes.remove(owner)
    }

    mutating func keep(_ wanted: Set<LabelOwner>) {
        for owner in all where !wanted.contains(owner) { remove(owner) }
    }

    /// Labels have come free: all are to be tried.
    mutating func retryAll() { untried = max(own.count, forRoutes.count) }

    /// Those that are to be tried next, at most `limit` of each kind.
    mutating func takeTurn(_ limit: Int) -> [LabelOwner] {
        untried = max(0, untried - limit)
        return own.takeTurn(limit) + forRoutes.takeTurn(limit)
    }

    private static func isForRoutes(_ owner: LabelOwner) -> Bool { owner.subject.isCalledFor && owner.vrf != nil }
}

/// Owners in a row, each once.
private struct OwnerQueue {
    /// Each with the number of its place; other places that name it are left over.
    private var places: [LabelOwner: Int] = [:]
    private var row: [(place: Int, owner: LabelOwner)] = []
    private var first = 0
    private var last = 0

    var isEmpty: Bool { places.isEmpty }
    var count: Int { places.count }
    var all: [LabelOwner] { Array(places.keys) }

    func contains(_ owner: LabelOwner) -> Bool { places[owner] != nil }

    func contains(where isMeant: (LabelOwner) -> Bool) -> Bool { places.keys.contains(where: isMeant) }

    mutating func insert(_ owner: LabelOwner) {
        guard places[owner] == nil else { return }
        append(owner)
    }

    mutating func remove(_ owner: LabelOwner) { places[owner] = nil }

    /// The first ones, which are the last from now on.
    mutating func takeTurn(_ limit: Int) -> [LabelOwner] {
        var taken: [LabelOwner] = []
        let end = row.count
        while taken.count < limit, first < end {
            let (place, owner) = row[first]
            first += 1
            if places[owner] == place { taken.append(owner) }
        }
        for owner in taken { append(owner) }
        return taken
    }

    private mutating func append(_ owner: LabelOwner) {
        if row.count > 2 * places.count + 64 {
            row = row[first...].filter { places[$0.owner] == $0.place }
            first = 0
        }
        last += 1
        places[owner] = last
        row.append((last, owner))
    }
}
