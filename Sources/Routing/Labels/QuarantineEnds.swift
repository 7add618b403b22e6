import Addressing

/// When quarantines end, the next one in front: a binary heap, since there may be as many as routes and they do not begin
/// in the order in which they end.
struct QuarantineEnds {
    struct End {
        let until: Instant
        let label: MPLSLabel
    }

    private var heap: [End] = []

    var count: Int { heap.count }
    var first: End? { heap.first }

    mutating func insert(_ end: End) {
        heap.append(end)
        var place = heap.count - 1
        while place > 0, heap[place].until < heap[(place - 1) / 2].until {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if heap[child].until < heap[least].until { least = child }
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
