import Addressing
import BGP

/// What the routes that a neighbor sent take of what is limited: memory for large attributes, and labels, each of which is a
/// next hop in the tables however many routes have it.
struct ReceivedHoldings {
    private(set) var attributes = LargeAttributes()
    /// How many routes have each label, or two of them.
    private var labels: [ReceivedLabels: Int] = [:]

    var labelCount: Int { labels.count }

    /// Why the neighbor may not have one more route like this, in the place of `former`; `nil`: it may.
    func refusal(
        of attributes: PathAttributes, _ label: ReceivedLabels, replacing former: AdjRIBInTable.Route?,
        _ inputs: NeighborInputs
    ) -> RouteRejection? {
        guard self.attributes.admits(attributes, limit: inputs.attributeMemoryOctets) else { return .attributeMemory }
        guard !label.isImplicitNull, let maximum = inputs.maximumLabels, labels[label] == nil else { return nil }
        let isFreed = former.map { labels[$0.labels] == 1 } ?? false
        return labels.count - (isFreed ? 1 : 0) < maximum ? nil : .maximumLabels
    }

    mutating func add(_ route: AdjRIBInTable.Route) {
        attributes.add(route.attributes)
        if let changed = route.changedAttributes { attributes.add(changed) }
        // A route without a label takes none.
        if !route.labels.isImplicitNull { labels[route.labels, default: 0] += 1 }
    }

    mutating func remove(_ route: AdjRIBInTable.Route) {
        attributes.remove(route.attributes)
        if let changed = route.changedAttributes { attributes.remove(changed) }
        guard let count = labels[route.labels] else { return }
        labels[route.labels] = count > 1 ? count - 1 : nil
    }

    /// Whether half of each is free again.
    func isHalfFree(_ inputs: NeighborInputs) -> Bool {
        attributes.octets <= inputs.attributeMemoryOctets / 2
            && inputs.maximumLabels.map { labels.count <= $0 / 2 } ?? true
    }

    /// The labels that are too many, the highest ones.
    func labels(beyond maximum: Int) -> Set<ReceivedLabels> {
        guard labels.count > maximum else { return [] }
        return Set(labels.keys.sorted().dropFirst(maximum))
    }
}
