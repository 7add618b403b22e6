/// The order in which the frames of several streams and sizes follow each other.
public enum StreamSchedule {
    /// Most slots of a schedule: shares are exact to one in so many.
    public static let largestLength = 1 << 16

    /// A cyclic order in which each item has its share and its turns are spread evenly.
    ///
    /// - Parameter weights: of the items, positive; their sum is taken as the whole.
    /// - Returns: item numbers; each item has one turn at least.
    public static func order(weights: [Double]) -> [UInt32] {
        let total = weights.reduce(0, +)
        guard total > 0 else { return [] }
        let slots = length(weights: weights, total: total)
        // Turn k of an item with n turns stands at (k + 1/2) / n of the cycle.
        var turns: [(place: Double, item: UInt32)] = []
        turns.reserveCapacity(slots)
        for (item, weight) in weights.enumerated() {
            let count = max(Int((weight / total * Double(slots)).rounded()), 1)
            for turn in 0..<count {
                turns.append(((Double(turn) + 0.5) / Double(count), UInt32(item)))
            }
        }
        return turns.sorted { ($0.place, $0.item) < ($1.place, $1.item) }.map(\.item)
    }

    /// The shortest length, a power of two times the number of items, in which all shares are exact to a thousandth.
    private static func length(weights: [Double], total: Double) -> Int {
        var slots = weights.count
        while slots * 2 <= largestLength {
            let isExact = weights.allSatisfy { weight in
                let exact = weight / total * Double(slots)
                return exact.rounded() >= 1 && abs(exact.rounded() - exact) <= exact / 1000
            }
            if isExact { break }
            slots *= 2
        }
        return slots
    }
}
