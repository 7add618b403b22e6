import Addressing

/// Which label an owner has: given, kept over restarts, taken back into quarantine, and tried again for those that got none.
final class LabelGiving {
    /// How often those that got no label are tried again at most.
    private static let retrySeconds: UInt32 = 1
    /// How many of them at once: whole VRFs and relays, and as many routes of VRFs.
    static let retryLimit = 1_000
    /// How many quarantines end at once.
    private static let endsLimit = 2_000
    /// How long allocations that have changed may be unsaved when no label depends on it.
    private static let saveDelaySeconds: UInt32 = 1

    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let wanted: WantedLabels
    private let callers: LabelCallers
    private(set) var allocations: LabelAllocations
    /// Those that got no label because none was free.
    private(set) var ownersWithoutLabel = OwnersWithoutLabel()
    /// When they are to be tried again.
    private var retryDue: Instant?
    private var lastRetry: Instant?
    /// Who has taken up how many labels of relays.
    private var shares: RelayLabelShares
    /// Those that routes have called for and whose labels have never been valid, so that nobody has been told them.
    private var untold: Set<LabelOwner> = []
    private var generator: any RandomNumberGenerator
    private let retryLimit: Int
    /// Whether the time of quarantines is over that have not ended.
    private(set) var areQuarantinesOver = false
    /// When allocations that have changed without need to hurry are to be saved.
    private var saveDue: Instant?

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ wanted: WantedLabels, _ callers: LabelCallers,
        allocations: LabelAllocations, generator: any RandomNumberGenerator, retryLimit: Int
    ) {
        self.context = context
        self.neighbors = neighbors
        self.wanted = wanted
        self.callers = callers
        self.allocations = allocations
        shares = RelayLabelShares(allocations)
        self.generator = generator
        self.retryLimit = retryLimit
    }

    /// The label that an owner has.
    subscript(_ owner: LabelOwner) -> MPLSLabel? { allocations.labels[owner] }

    // MARK: Time

    /// When time ends something; `nil` if nothing.
    var nextDeadline: Instant? { [saveDue, retryDue, allocations.nextQuarantineEnd].compactMap { $0 }.min() }

    func saveIfDue() {
        if let due = saveDue, due <= context.now { save() }
    }

    func save() {
        saveDue = nil
        context.add(.saveAllocations)
    }

    func scheduleSave() {
        if saveDue == nil { saveDue = context.now.advanced(bySeconds: Self.saveDelaySeconds) }
    }

    /// No label comes to be another's while a neighbor has not been sent the withdrawal of what it has with it. Of many some end, and
    /// soon the others.
    func endQuarantines() {
        let seconds = context.inputs.labelQuarantineSeconds
        let isUsed = { [neighbors] (owner: LabelOwner, label: MPLSLabel) in
            neighbors[owner.neighbor.peer]?.advertised.usesLabel(owner.given(label)) ?? false
        }
        allocations.prolongCommonQuarantines(now: context.now, bySeconds: seconds, of: isUsed)
        let hasCommonEnded = allocations.endCommonQuarantines(now: context.now)
        let ended = allocations.endQuarantines(
            now: context.now, limit: Self.endsLimit, bySeconds: seconds, unless: isUsed)
        areQuarantinesOver = allocations.isQuarantineOver(now: context.now)
        guard !ended.isEmpty || hasCommonEnded else { return }
        for entry in ended {
            if let owner = entry.owner { shares.remove(owner) }
        }
        scheduleSave()
        scheduleRetry()
    }

    /// The first inputs are there: quarantines that were saved are bounded by what they say.
    func boundQuarantines() {
        let inputs = context.inputs
        allocations.boundQuarantines(now: context.now) { owner in
            let restart = owner.flatMap { inputs.neighbors[$0.neighbor.peer]?.announcedRestartSeconds }
            return max(inputs.labelQuarantineSeconds, restart ?? 0)
        }
    }

    /// Labels are free, or may be taken, that were not.
    private func scheduleRetry() {
        ownersWithoutLabel.retryAll()
        setRetryDue()
    }

    private func setRetryDue() {
        guard !ownersWithoutLabel.isEmpty || !wanted.meanings.waits.isEmpty, retryDue == nil else { return }
        retryDue = max(context.now, lastRetry?.advanced(bySeconds: Self.retrySeconds) ?? context.now)
    }

    /// Tries again those that got no label, if that is due, and returns who has got one. There may be as many as routes: then some
    /// of them, and soon the others.
    func retryIfDue() -> [LabelOwner] {
        guard let due = retryDue, due <= context.now else { return [] }
        return retry()
    }

    /// The inputs are others: those that got no label may get one now, some of them at once.
    func retryAll() -> [LabelOwner] {
        guard !ownersWithoutLabel.isEmpty else { return [] }
        ownersWithoutLabel.retryAll()
        return retry()
    }

    private func retry() -> [LabelOwner] {
        retryDue = nil
        lastRetry = context.now
        var gained: [LabelOwner] = []
        for owner in ownersWithoutLabel.takeTurn(retryLimit) {
            if !wanted.contains(owner) {
                ownersWithoutLabel.remove(owner)
            } else if give(to: owner) {
                gained.append(owner)
            }
        }
        if ownersWithoutLabel.areAnyUntried {
            // As long as there are some to be had the others need not wait.
            if gained.isEmpty { setRetryDue() } else { retryDue = context.now }
        }
        if !gained.isEmpty { save() }
        return gained
    }

    // MARK: Common labels

    /// Takes drawn labels back that lie in the block, which was reserved without this process's knowing, and by which nobody is told
    /// anything now: their owners get others.
    ///
    /// - Returns: whether there were any.
    func takeBackReserved(unless isBound: (LabelOwner) -> Bool) -> Bool {
        guard let block = context.inputs.commonBlock else { return false }
        let owners = allocations.drawn(within: block, limit: .max).map(\.owner).filter { !isBound($0) }
        for owner in owners { release(owner, isUsedUntilRestartEnds: true) }
        return !owners.isEmpty
    }

    /// Looks which common labels may not be said yet. What is wanted depends on it.
    func reviewCommonLabels() {
        let review = CommonLabelReview(
            context: context, neighbors: neighbors, wanted: wanted, allocations: allocations)
        wanted.meanings.setWithOneLabel(review.withOneLabel())
        wanted.meanings.setWaits(review.waits())
    }

    /// Whether a common label that was waited for may be said now, or for another reason not.
    var isReviewDue: Bool {
        guard let due = retryDue, due <= context.now else { return false }
        return !wanted.meanings.waits.isEmpty
    }

    /// An owner has its common label, unless it is to wait.
    private func giveCommon(to owner: LabelOwner) -> Bool {
        guard wanted.meanings.waits[owner] == nil else { return false }
        if allocations.takeCommon(owner) { untold.insert(owner) }
        return true
    }

    // MARK: Giving

    /// Gives all owners a label that have none, and no others go without one; whether any has got one.
    func give(toAll owners: Set<LabelOwner>, of scope: WantedLabels.Scope) -> Bool {
        ownersWithoutLabel.keep(owners, of: scope)
        var isAnyNew = false
        for owner in owners.filter({ self[$0] == nil }).sorted() where give(to: owner) { isAnyNew = true }
        return isAnyNew
    }

    /// Gives an owner a label that has none; `false` if none is free.
    func give(to owner: LabelOwner) -> Bool {
        if owner.subject.commonLabel != nil { return giveCommon(to: owner) }
        // What it had until lately somebody may have heard of.
        let isKept = allocations.isKept(for: owner)
        if isWithinShare(owner),
            allocations.allocate(
                for: owner, from: context.inputs.labelRange, without: context.inputs.commonBlock, using: &generator)
                != nil
        {
            ownersWithoutLabel.remove(owner)
            // What VRFs take up is not a relay's.
            if owner.vrf == nil, case .swap(let target)? = wanted.target(of: owner) { shares.add(owner, to: target) }
            if owner.subject.isCalledFor, !isKept { untold.insert(owner) }
            return true
        }
        // Also if that was known: its routes may have come to it since.
        if owner.subject.isCalledFor { callers.caller(for: owner).setWithoutLabel(owner) }
        guard !ownersWithoutLabel.contains(owner) else { return false }
        // There may be as many as routes.
        let isFirst = !ownersWithoutLabel.containsAny(of: owner.vrf, owner.neighbor)
        ownersWithoutLabel.insert(owner)
        guard isFirst else { return false }
        if let vrf = owner.vrf {
            if let limit = exhaustedLimit(of: owner) {
                context.log(.maximumLabelsReached(vrf: vrf.name, neighbor: owner.neighbor.peer, limit: limit))
                return false
            }
            context.log(.labelsExhausted(vrf: vrf.name, neighbor: owner.neighbor.peer))
        } else {
            context.log(.relayLabelsExhausted(neighbor: owner.neighbor.peer))
        }
        return false
    }

    /// The owner does not call for a label any more that it may not have got.
    func giveUp(_ owner: LabelOwner) { ownersWithoutLabel.remove(owner) }

    /// The label that an owner has leads elsewhere.
    func follow(_ owner: LabelOwner, to target: LabelTarget) {
        if owner.vrf == nil, case .swap(let target) = target { shares.follow(owner, to: target) }
    }

    /// The label of an owner is valid: its neighbor may have been told.
    func noteTold(_ owner: LabelOwner) { untold.remove(owner) }

    /// Whether who calls for the label may take up one more: the neighbor to which a relay's leads, or a VRF for its routes.
    /// Those leave an eighth of the range to labels of whole VRFs, and to relays, and each VRF something to the others.
    private func isWithinShare(_ owner: LabelOwner) -> Bool {
        if owner.subject.isCalledFor, owner.vrf != nil {
            if allocations.isKept(for: owner) { return true }
            guard exhaustedLimit(of: owner) == nil else { return false }
            let all = context.inputs.drawnLabels.count
            return allocations.drawnCount + allocations.quarantine.count < all - all / 8
        }
        guard case .swap(let target)? = wanted.target(of: owner), case .neighbor(let sender) = target.way else {
            return true
        }
        var most = RelayLabelShares.share(of: context.inputs.drawnLabels.count)
        if owner.subject.sharedTarget != nil, let labels = context.inputs.neighbors[sender.peer]?.maximumLabels {
            // Each for all that are told one, and once more for those that are in quarantine.
            most = 2 * labels * callers.receiverCount
        }
        return shares.count(of: sender.peer) < most
    }

    /// The most that the routes of the owner's VRF may take up, if they have: `maximum labels`, or a share of the range.
    private func exhaustedLimit(of owner: LabelOwner) -> Int? {
        guard owner.subject.isCalledFor, let vrf = owner.vrf else { return nil }
        let limit = context.inputs.maximumLabels(ofVRF: vrf.name)
        return allocations.count(ofRoutesIn: vrf) < limit ? nil : limit
    }

    // MARK: Taking back

    /// - Parameter isUsedUntilRestartEnds: whether the neighbor has not read the withdrawals: if it keeps routes over our
    ///   restart it may use the label for as long.
    func release(_ owner: LabelOwner, isUsedUntilRestartEnds: Bool) {
        if untold.remove(owner) != nil {
            allocations.giveBack(owner)
            shares.remove(owner)
            return scheduleRetry()
        }
        let restart =
            isUsedUntilRestartEnds ? context.inputs.neighbors[owner.neighbor.peer]?.announcedRestartSeconds ?? 0 : 0
        allocations.release(
            owner, now: context.now, quarantineSeconds: max(context.inputs.labelQuarantineSeconds, restart))
        // Who waits for it is told until when.
        if owner.subject.commonLabel != nil { scheduleRetry() }
    }
}
