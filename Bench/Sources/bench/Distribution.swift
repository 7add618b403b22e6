/// Measured numbers, and what is said of them.
struct Distribution {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }
    mutating func reserve(_ count: Int) { values.reserveCapacity(count) }

    var isEmpty: Bool { values.isEmpty }

    /// The value that `share` (0 to 1) of all are not above; 0 when there is none.
    func percentile(_ share: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        return values.sorted()[min(Int(Double(values.count) * share), values.count - 1)]
    }

    var median: Double { percentile(0.5) }
}

/// A number with one decimal, as reports show it.
func rounded(_ value: Double, decimals: Int = 1) -> Double {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    return (value * scale).rounded() / scale
}
