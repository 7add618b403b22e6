/// Which labels relayed routes call for: what has changed since it was last looked at, by owner.
struct RelayLabelDemand {
    enum Change {
        /// Routes are to be given by a label that leads to the target.
        case wanted(SwapTarget)
        /// No route is. `isGone`: nor does the label lead anywhere any more, so that nobody may use it.
        case unwanted(isGone: Bool)
    }

    private var changes: [LabelOwner: Change] = [:]
    /// In the order in which they came first.
    private var order: [LabelOwner] = []

    /// What is said last of an owner counts.
    mutating func note(_ change: Change, _ owner: LabelOwner) {
        if changes.updateValue(change, forKey: owner) == nil { order.append(owner) }
    }

    mutating func take() -> [(owner: LabelOwner, change: Change)] {
        guard !order.isEmpty else { return [] }
        defer { self = RelayLabelDemand() }
        return order.compactMap { owner in changes[owner].map { (owner, $0) } }
    }
}
