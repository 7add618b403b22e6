import Addressing

/// The routes that the tables have had no room for: remembered, shown, and tried again until they are there.
struct WaitingRoutes {
    /// Prefixes whose route is missing, or is not the one that it should be.
    private(set) var prefixes: [VRFNumber: WaitingPrefixes] = [:]
    /// The VRF that was tried last: the next round begins behind it.
    private var lastVRF: VRFNumber?

    var isEmpty: Bool { prefixes.isEmpty }
    var count: Int { prefixes.values.reduce(0) { $0 + $1.count } }

    mutating func add(_ prefix: IPPrefix, in vrf: VRFNumber) { prefixes[vrf, default: WaitingPrefixes()].add(prefix) }

    mutating func remove(_ prefix: IPPrefix, in vrf: VRFNumber) {
        guard !prefixes.isEmpty, prefixes[vrf]?.remove(prefix) == true else { return }
        if prefixes[vrf]?.count == 0 { prefixes[vrf] = nil }
    }

    mutating func removeAll(in vrf: VRFNumber) { prefixes[vrf] = nil }

    /// The VRFs with routes that wait, each as often the first as the others.
    mutating func nextRound() -> [VRFNumber] {
        let vrfs = prefixes.keys.sorted()
        let start = vrfs.firstIndex { vrf in lastVRF.map { vrf > $0 } ?? true } ?? 0
        let round = Array(vrfs[start...] + vrfs[..<start])
        lastVRF = round.first
        return round
    }

    mutating func takeFirst(in vrf: VRFNumber) -> IPPrefix? {
        let prefix = prefixes[vrf]?.takeFirst()
        if prefixes[vrf]?.count == 0 { prefixes[vrf] = nil }
        return prefix
    }
}

/// Prefixes in the order in which they have begun to wait, each once.
struct WaitingPrefixes {
    private var members: Set<IPPrefix> = []
    /// In order from `first` on; one that is no member any more is passed over.
    private var order: [IPPrefix] = []
    private var first = 0

    var count: Int { members.count }

    mutating func add(_ prefix: IPPrefix) {
        if members.insert(prefix).inserted { order.append(prefix) }
    }

    /// Says whether it was there. Its place in the order stays until it is passed or half of the places are such.
    mutating func remove(_ prefix: IPPrefix) -> Bool {
        guard members.remove(prefix) != nil else { return false }
        if order.count - first > 2 * members.count + 64 { tidy() }
        return true
    }

    mutating func takeFirst() -> IPPrefix? {
        while first < order.count {
            let prefix = order[first]
            first += 1
            if first > 1024, first * 2 > order.count {
                order.removeFirst(first)
                first = 0
            }
            if members.remove(prefix) != nil { return prefix }
        }
        return nil
    }

    private mutating func tidy() {
        var seen: Set<IPPrefix> = []
        order = order[first...].filter { members.contains($0) && seen.insert($0).inserted }
        first = 0
    }
}
