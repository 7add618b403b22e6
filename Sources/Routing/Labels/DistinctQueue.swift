/// Elements in a row, each once. There may be as many as routes, so that one is found, and is taken out from anywhere, without a
/// look at the others.
package struct DistinctQueue<Element: Hashable> {
    /// Each with the number of its place; other places that name it are left over.
    private var places: [Element: Int] = [:]
    private var row: [(place: Int, element: Element)] = []
    private var first = 0
    private var last = 0

    package init() {}

    package var isEmpty: Bool { places.isEmpty }
    package var count: Int { places.count }
    /// In no order.
    package var elements: some Collection<Element> { places.keys }

    package func contains(_ element: Element) -> Bool { places[element] != nil }

    /// The element stands behind all others.
    package mutating func append(_ element: Element) {
        if row.count > 2 * places.count + 64 {
            row = row[first...].filter { places[$0.element] == $0.place }
            first = 0
        }
        last += 1
        places[element] = last
        row.append((last, element))
    }

    package mutating func remove(_ element: Element) { places[element] = nil }

    /// Takes the first one.
    package mutating func popFirst() -> Element? {
        while first < row.count {
            let (place, element) = row[first]
            first += 1
            guard places[element] == place else { continue }
            places[element] = nil
            return element
        }
        (row, first) = ([], 0)
        return nil
    }

    /// Takes those that are ready, in their order.
    package mutating func take(where isReady: (Element) -> Bool) -> [Element] {
        var ready: [Element] = []
        for (place, element) in row[first...] where places[element] == place && isReady(element) {
            ready.append(element)
            places[element] = nil
        }
        if isEmpty { (row, first) = ([], 0) }
        return ready
    }
}
