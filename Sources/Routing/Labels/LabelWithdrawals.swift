import Addressing

/// Which labels may be removed now that their routes are being withdrawn: those that their neighbor has nothing by any more.
final class LabelWithdrawals {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let states: LabelStates
    private let wanted: WantedLabels
    private let giving: LabelGiving
    /// So many are looked at at once.
    private static let lookedAtAtOnce = 1_000

    /// Labels whose routes are being withdrawn that may have no route any more; those before ``looked`` have been looked at.
    private var toLookAt: [LabelOwner] = []
    private var looked = 0
    /// Those that who is away may not have: they do not wait for the others.
    private var refused: [LabelOwner] = []
    /// Whether any of them may, since a session or the inputs are others.
    private var areAllToLookAt = false

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ states: LabelStates, _ wanted: WantedLabels,
        _ giving: LabelGiving
    ) {
        self.context = context
        self.neighbors = neighbors
        self.states = states
        self.wanted = wanted
        self.giving = giving
    }

    /// A session or the inputs are others.
    func noteAll() { areAllToLookAt = true }

    /// The routes of a label are to be withdrawn.
    func note(_ owner: LabelOwner) { toLookAt.append(owner) }

    /// The same of a label that the neighbor may not have.
    func noteRefused(_ owner: LabelOwner) { refused.append(owner) }

    /// Whether there are more to look at than were looked at at once.
    var hasMoreToLookAt: Bool { looked < toLookAt.count || !refused.isEmpty }

    /// The labels that may be removed, in order, and how; of many to look at some, and the others when this is asked again.
    func take() -> [(owner: LabelOwner, removal: LabelRemoval)] {
        collect()
        var found: [LabelOwner: LabelRemoval] = [:]
        for owner in refused.prefix(Self.lookedAtAtOnce) {
            if let removal = removal(of: owner) { found[owner] = removal }
        }
        refused.removeFirst(min(refused.count, Self.lookedAtAtOnce))
        let end = min(toLookAt.count, looked + Self.lookedAtAtOnce)
        while looked < end {
            let owner = toLookAt[looked]
            looked += 1
            if let removal = removal(of: owner) { found[owner] = removal }
        }
        if looked == toLookAt.count { (toLookAt, looked) = ([], 0) }
        return found.sorted { $0.key < $1.key }.map { (owner: $0.key, removal: $0.value) }
    }

    /// Which labels are to be looked at of those whose routes are being withdrawn: those that something has happened to, or all.
    private func collect() {
        for neighbor in neighbors.all {
            if neighbor.advertised.takeHasSentEndOfRIB() { areAllToLookAt = true }
            for label in neighbor.advertised.takeUnusedLabels() {
                for owner in giving.allocations.holders(of: CommonLabel(label.label, context: label.context))
                where owner.neighbor.peer == neighbor.peer {
                    toLookAt.append(owner)
                }
            }
        }
        guard areAllToLookAt else { return }
        areAllToLookAt = false
        (toLookAt, looked) = (Array(states.bindings.withdrawing), 0)
    }

    /// How a label may be removed whose routes are being withdrawn; `nil` if it may not yet.
    private func removal(of owner: LabelOwner) -> LabelRemoval? {
        guard let binding = states[owner], binding.state == .withdrawing else { return nil }
        guard let neighbor = neighbors[owner.neighbor.peer], neighbor.inputs.identity == owner.neighbor,
            neighbor.holdsLabels(now: context.now)
        else { return .atOnce }
        // A neighbor that is away uses it until it has come back and has heard what it does not have any more, but not what it may
        // not have: nobody knows when it reads that.
        guard let session = neighbor.session else {
            return binding.isRefused || !wanted.hasPart(owner) ? .atOnce : nil
        }
        guard !neighbor.advertised.usesLabel(owner.given(binding.label)),
            !session.families.contains(where: { neighbor.advertised[$0].isEndOfRIBDue })
        else { return nil }
        return .whenWithdrawalsAreRead
    }
}
