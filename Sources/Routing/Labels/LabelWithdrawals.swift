import Addressing

/// Which labels may be removed now that their routes are being withdrawn: those that their neighbor has nothing by any more.
final class LabelWithdrawals {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let states: LabelStates
    private let giving: LabelGiving
    /// Labels whose routes are being withdrawn that may have no route any more.
    private var toLookAt: Set<LabelOwner> = []
    /// Whether any of them may, since a session or the inputs are others.
    private var areAllToLookAt = false

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors, _ states: LabelStates, _ giving: LabelGiving) {
        self.context = context
        self.neighbors = neighbors
        self.states = states
        self.giving = giving
    }

    /// A session or the inputs are others.
    func noteAll() { areAllToLookAt = true }

    /// The routes of a label are to be withdrawn.
    func note(_ owner: LabelOwner) { toLookAt.insert(owner) }

    /// The labels that may be removed, in order, and how.
    func take() -> [(owner: LabelOwner, removal: LabelRemoval)] {
        var found: [(owner: LabelOwner, removal: LabelRemoval)] = []
        for owner in takeToLookAt() {
            if let removal = removal(of: owner) { found.append((owner, removal)) }
        }
        return found.sorted { $0.owner < $1.owner }
    }

    /// The labels whose routes are being withdrawn and may all be: of many, those that something has happened to.
    private func takeToLookAt() -> Set<LabelOwner> {
        var areAll = areAllToLookAt
        areAllToLookAt = false
        for neighbor in neighbors.all {
            if neighbor.advertised.takeHasSentEndOfRIB() { areAll = true }
            for label in neighbor.advertised.takeUnusedLabels() {
                for owner in giving.allocations.holders(of: CommonLabel(label.label, context: label.context))
                where owner.neighbor.peer == neighbor.peer {
                    toLookAt.insert(owner)
                }
            }
        }
        defer { if !toLookAt.isEmpty { toLookAt = [] } }
        return areAll ? states.bindings.withdrawing : toLookAt
    }

    /// How a label may be removed whose routes are being withdrawn; `nil` if it may not yet.
    private func removal(of owner: LabelOwner) -> LabelRemoval? {
        guard let binding = states[owner], binding.state == .withdrawing else { return nil }
        guard let neighbor = neighbors[owner.neighbor.peer], neighbor.inputs.identity == owner.neighbor,
            neighbor.holdsLabels(now: context.now)
        else { return .atOnce }
        // A neighbor that is away uses it until it has come back and has heard what it does not have any more.
        guard let session = neighbor.session, !neighbor.advertised.usesLabel(owner.given(binding.label)),
            !session.families.contains(where: { neighbor.advertised[$0].isEndOfRIBDue })
        else { return nil }
        return .whenWithdrawalsAreRead
    }
}
