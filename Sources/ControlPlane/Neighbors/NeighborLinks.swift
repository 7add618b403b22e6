import Addressing

/// Interfaces that lose their link and get it back.
extension NeighborTable {
    /// Says which interfaces have no link; all others have one.
    ///
    /// Without it nothing that was learnt there is used: neighbors that routes need have failed, at once and without
    /// being asked in vain, and the others are forgotten. Nobody is asked for and nobody is learnt until the link is back;
    /// then those that are needed are asked for at once.
    public mutating func setWithoutLink(_ numbers: Set<InterfaceNumber>, now: Duration) -> [NeighborEffect] {
        let lost = numbers.subtracting(withoutLink)
        let back = withoutLink.subtracting(numbers)
        guard !lost.isEmpty || !back.isEmpty else { return [] }
        withoutLink = numbers
        var effects: [NeighborEffect] = []
        for key in entries.keys.filter({ lost.contains($0.interface) }).sorted() {
            guard let entry = entries[key] else { continue }
            if !entry.isWanted {
                effects += remove(key)
            } else if entry.state != .failed {
                effects += fail(key, now: now)
            }
        }
        for key in entries.keys where back.contains(key.interface) {
            entries[key]?.deadline = now
            schedule(now)
        }
        return effects
    }
}
