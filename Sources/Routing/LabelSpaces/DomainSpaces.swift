import Addressing

/// Where a broadcast domain has its labels, as a PE's route for one of its route targets says.
struct DomainPlace: Hashable {
    /// The next hop: the PE, as its segments' routes name it.
    let provider: IPAddress
    let target: RouteTarget
    let space: PlacedLabel.Space
}

/// A label space, with whose it is.
struct OwnedSpace: Hashable {
    let space: PlacedLabel.Space
    /// `nil` for those that are nobody's own.
    let owner: IPAddress?

    init(_ space: PlacedLabel.Space, of owner: IPAddress) {
        self.space = space
        self.owner = space == .provider ? owner : nil
    }
}

/// Where the broadcast domains of one router's PEs have their labels, by route target: a segment's label goes with the domains that the
/// segment belongs to, and its routes have those's targets (RFC 7432 §8.2.1.1).
struct DomainSpaces {
    private struct Key: Hashable {
        let provider: IPAddress
        let target: RouteTarget
    }

    private struct Entry: Hashable {
        let key: Key
        let space: OwnedSpace
    }

    /// In how many tunnels that count; nearly every target has one space.
    private var spaces: [Key: [(space: OwnedSpace, count: Int)]] = [:]
    /// What has come, or gone, since somebody looked.
    private var changes: [Entry: Int] = [:]

    mutating func add(_ place: DomainPlace, of owner: IPAddress) {
        let entry = Entry(
            key: Key(provider: place.provider, target: place.target), space: OwnedSpace(place.space, of: owner))
        var found = spaces[entry.key] ?? []
        if let index = found.firstIndex(where: { $0.space == entry.space }) {
            found[index].count += 1
        } else {
            found.append((entry.space, 1))
            note(entry, 1)
        }
        spaces[entry.key] = found
    }

    mutating func remove(_ place: DomainPlace, of owner: IPAddress) {
        let entry = Entry(
            key: Key(provider: place.provider, target: place.target), space: OwnedSpace(place.space, of: owner))
        guard var found = spaces[entry.key], let index = found.firstIndex(where: { $0.space == entry.space }) else {
            return
        }
        found[index].count -= 1
        if found[index].count == 0 {
            found.remove(at: index)
            note(entry, -1)
        }
        spaces[entry.key] = found.isEmpty ? nil : found
    }

    private mutating func note(_ entry: Entry, _ difference: Int) {
        let change = changes[entry, default: 0] + difference
        changes[entry] = change == 0 ? nil : change
    }

    /// Whether any target has come to a space, or has left one, since this was asked.
    mutating func takeChanged() -> Bool {
        defer { changes = [:] }
        return !changes.isEmpty
    }

    /// Where the domains of a PE with these targets have their labels.
    func spaces(of provider: IPAddress, _ targets: [RouteTarget]) -> Set<OwnedSpace> {
        var all: Set<OwnedSpace> = []
        for target in targets {
            for (space, _) in spaces[Key(provider: provider, target: target)] ?? [] { all.insert(space) }
        }
        return all
    }
}
