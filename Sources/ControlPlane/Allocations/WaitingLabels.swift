import Routing

/// Labels that wait to be installed, in the order in which they are tried. There may be as many as relayed routes, so that
/// one of them is found without a look at the others.
struct WaitingLabels {
    private var places: [LabelBinding: Int] = [:]
    /// The places before and behind all.
    private var first = 0
    private var next = 1

    /// Whether the label has come to wait behind all others.
    func isLast(_ binding: LabelBinding) -> Bool { places[binding] == next - 1 }

    /// The label waits behind all others.
    mutating func append(_ binding: LabelBinding) {
        places[binding] = next
        next += 1
    }

    /// Labels wait again, before all others.
    mutating func putBack(_ bindings: ArraySlice<LabelBinding>) {
        for binding in bindings.reversed() {
            places[binding] = first
            first -= 1
        }
    }

    mutating func remove(_ binding: LabelBinding) { places[binding] = nil }

    /// Takes those that are ready, in their order.
    mutating func take(where isReady: (LabelBinding) -> Bool) -> [LabelBinding] {
        let ready = places.filter { isReady($0.key) }
        for binding in ready.keys { places[binding] = nil }
        return ready.sorted { $0.value < $1.value }.map(\.key)
    }
}
