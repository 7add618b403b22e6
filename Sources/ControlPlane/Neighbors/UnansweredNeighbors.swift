import Addressing

/// The neighbors that only packets asked for and that never answered, oldest first on each interface.
///
/// They are what a scan of a subnet leaves behind, so they have a bounded share of the table and give way to the next.
struct UnansweredNeighbors: Sendable {
    private struct Place: Sendable {
        let key: NeighborKey
        let ticket: UInt64
    }

    /// In order of arrival, with places of neighbors that have left since.
    private struct Queue: Sendable {
        var places: [Place] = []
        var first = 0
        var count = 0
    }

    private var tickets: [NeighborKey: UInt64] = [:]
    private var queues: [InterfaceNumber: Queue] = [:]
    private var nextTicket: UInt64 = 0

    func count(on interface: InterfaceNumber) -> Int { queues[interface]?.count ?? 0 }

    mutating func insert(_ key: NeighborKey) {
        guard tickets[key] == nil else { return }
        tickets[key] = nextTicket
        queues[key.interface, default: Queue()].places.append(Place(key: key, ticket: nextTicket))
        queues[key.interface]?.count += 1
        nextTicket += 1
        compact(key.interface)
    }

    mutating func remove(_ key: NeighborKey) {
        guard tickets.removeValue(forKey: key) != nil, let count = queues[key.interface]?.count else { return }
        if count == 1 { queues[key.interface] = nil } else { queues[key.interface]?.count = count - 1 }
    }

    /// The one that has been asked for longest; it stays until it is removed.
    mutating func oldest(on interface: InterfaceNumber) -> NeighborKey? {
        while let queue = queues[interface], queue.first < queue.places.count {
            let place = queue.places[queue.first]
            if tickets[place.key] == place.ticket { return place.key }
            queues[interface]?.first += 1
        }
        return nil
    }

    /// Keeps at most as many places again as there are neighbors, and a few.
    private mutating func compact(_ interface: InterfaceNumber) {
        guard let queue = queues[interface], queue.places.count > 2 * queue.count + 64 else { return }
        queues[interface]?.places = queue.places.filter { tickets[$0.key] == $0.ticket }
        queues[interface]?.first = 0
    }
}
