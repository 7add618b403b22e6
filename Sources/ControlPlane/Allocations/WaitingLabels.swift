import Routing

/// Labels that wait to be installed, in the order in which they are tried. There may be as many as routes, so that one of them is
/// found, and the first is taken, without a look at the others.
struct WaitingLabels {
    /// Each with the number of its place; other places that name it are left over.
    private var places: [LabelBinding: Int] = [:]
    private var row: [(place: Int, binding: LabelBinding)] = []
    private var first = 0
    private var last = 0

    var isEmpty: Bool { places.isEmpty }

    /// The label waits behind all others.
    mutating func append(_ binding: LabelBinding) {
        if row.count > 2 * places.count + 64 {
            row = row[first...].filter { places[$0.binding] == $0.place }
            first = 0
        }
        last += 1
        places[binding] = last
        row.append((last, binding))
    }

    mutating func remove(_ binding: LabelBinding) { places[binding] = nil }

    /// Takes the first one.
    mutating func popFirst() -> LabelBinding? {
        while first < row.count {
            let (place, binding) = row[first]
            first += 1
            guard places[binding] == place else { continue }
            places[binding] = nil
            return binding
        }
        (row, first) = ([], 0)
        return nil
    }

    /// Takes those that are ready, in their order.
    mutating func take(where isReady: (LabelBinding) -> Bool) -> [LabelBinding] {
        var ready: [LabelBinding] = []
        for (place, binding) in row[first...] where places[binding] == place && isReady(binding) {
            ready.append(binding)
            places[binding] = nil
        }
        if isEmpty { (row, first) = ([], 0) }
        return ready
    }
}
