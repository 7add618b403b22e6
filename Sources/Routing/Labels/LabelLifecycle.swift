import Addressing

/// The second control-plane rule of Option E: a label is valid before it is said and while it may be used, for nobody
/// but the neighbor that it was said to, and is not given to another until its quarantine is over.
///
/// An owner that is *wanted* (its VRF is eligible on its neighbor, or routes that the neighbor is given call for it) has a label. The label is installed when the
/// neighbor's session comes up and stays for as long as the neighbor *holds labels*: while the session is up and, with
/// graceful restart, for the restart time that we announced.
final class LabelLifecycle {
    /// How often those that got no label are tried again at most.
    private static let retrySeconds: UInt32 = 1
    /// How many of them at once: whole VRFs and relays, and as many routes of VRFs.
    static let retryLimit = 2_000
    /// How long allocations that have changed may be unsaved when no label depends on it.
    private static let saveDelaySeconds: UInt32 = 1

    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let vrfs: VRFTables
    private let advertising: RouteAdvertising
    private let relay: RouteRelay
    private let labelled: LabelledRelay
    private let sources: VRFLabelSources
    private(set) var allocations: LabelAllocations
    private(set) var bindings = LabelBindings()
    /// The numbers of the VRFs whose labels are installed, as they were told to the neighbors' Adj-RIB-Out.
    private var places: [LabelOwner: VRFNumber] = [:]
    /// Those that got no label because none was free.
    private(set) var ownersWithoutLabel = OwnersWithoutLabel()
    /// When they are to be tried again.
    private var retryDue: Instant?
    private var lastRetry: Instant?
    /// Who has taken up how many labels of relays.
    private var shares: RelayLabelShares
    /// Those that routes have called for and whose labels have never been valid, so that nobody has been told them.
    private var untold: Set<LabelOwner> = []
    /// What routes call for, and where it leads.
    private var called: [LabelOwner: LabelTarget] = [:]
    /// Where labels that routes have called for lead and that are not removed, wanted or not.
    private var ways: [LabelOwner: LabelTarget] = [:]
    /// Such labels as they were saved: until the first convergence is over their routes may come back.
    private var inherited: Set<LabelOwner> = []
    private var generator: any RandomNumberGenerator
    private let retryLimit: Int
    /// Labels whose routes are being withdrawn that may have no route any more.
    private var withdrawalsToLookAt: Set<LabelOwner> = []
    /// Whether any of them may, since a session or the inputs are others.
    private var areAllWithdrawalsToLookAt = false
    /// When allocations that have changed without need to hurry are to be saved.
    private var saveDue: Instant?
    /// Whether labels that were saved have not been looked at yet.
    private var isFirstReconciliation = true

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ vrfs: VRFTables, _ advertising: RouteAdvertising,
        _ relay: RouteRelay, _ labelled: LabelledRelay, _ sources: VRFLabelSources, allocations: LabelAllocations,
        generator: any RandomNumberGenerator, retryLimit: Int
    ) {
        self.context = context
        self.neighbors = neighbors
        self.vrfs = vrfs
        self.advertising = advertising
        self.relay = relay
        self.labelled = labelled
        self.sources = sources
        self.allocations = allocations
        shares = RelayLabelShares(allocations)
        self.generator = generator
        self.retryLimit = retryLimit
    }

    /// When time ends something; `nil` if nothing.
    var nextDeadline: Instant? { [saveDue, retryDue, allocations.nextQuarantineEnd].compactMap { $0 }.min() }

    func passTime() {
        endQuarantines()
        if let due = retryDue, due <= context.now { retry() }
        if let due = saveDue, due <= context.now { save() }
    }

    private func scheduleSave() {
        if saveDue == nil { saveDue = context.now.advanced(bySeconds: Self.saveDelaySeconds) }
    }

    /// No label comes to be another's while a neighbor has not been sent the withdrawal of what it has with it.
    private func endQuarantines() {
        allocations.prolongQuarantines(
            now: context.now, bySeconds: context.inputs.labelQuarantineSeconds,
            of: { owner, label in neighbors[owner.neighbor.peer]?.advertised.usesLabel(label) ?? false })
        let ended = allocations.endQuarantines(now: context.now)
        guard !ended.isEmpty else { return }
        for entry in ended {
            if let owner = entry.owner { shares.remove(owner) }
        }
        scheduleSave()
        scheduleRetry()
    }

    /// Labels are free, or may be taken, that were not.
    private func scheduleRetry() {
        ownersWithoutLabel.retryAll()
        setRetryDue()
    }

    private func setRetryDue() {
        guard !ownersWithoutLabel.isEmpty, retryDue == nil else { return }
        retryDue = max(context.now, lastRetry?.advanced(bySeconds: Self.retrySeconds) ?? context.now)
    }

    /// Tries again those that got no label. There may be as many as routes: then some of them, and soon the others.
    private func retry() {
        retryDue = nil
        lastRetry = context.now
        var gained: [LabelOwner] = []
        for owner in ownersWithoutLabel.takeTurn(retryLimit) where allocate(owner) { gained.append(owner) }
        if ownersWithoutLabel.areAnyUntried { setRetryDue() }
        guard !gained.isEmpty else { return }
        save()
        for owner in gained {
            if let neighbor = neighbors[owner.neighbor.peer], isUsed(by: neighbor) { want(owner) }
        }
    }

    private func save() {
        saveDue = nil
        context.add(.saveAllocations)
    }

    /// The first inputs are there: quarantines that were saved are bounded by what they say.
    func boundQuarantines() {
        allocations.boundQuarantines(
            now: context.now, quarantineSeconds: context.inputs.labelQuarantineSeconds)
    }

    /// Brings labels and bindings to what eligibility asks for.
    func reconcile() {
        areAllWithdrawalsToLookAt = true
        let wanted = wantedOwners()
        endQuarantines()
        let saved = isFirstReconciliation ? Set(allocations.labels.keys) : []
        if isFirstReconciliation, !context.isConverged { inherited = saved.filter(\.subject.isCalledFor) }
        isFirstReconciliation = false
        let isAnyNew = allocate(wanted)
        let isAnyGone = releaseUnwanted(wanted)
        // On disk before it is used: after a crash the label must be known to be this owner's.
        if isAnyNew || isAnyGone { save() }
        let due = wanted.filter { owner in
            if bindings[owner]?.state == .removing { noteAwaited(owner) }
            guard bindings[owner]?.state ?? .withdrawing == .withdrawing,
                let neighbor = neighbors[owner.neighbor.peer]
            else { return false }
            // What the process before this one told a neighbor goes on; nothing else is said without a session.
            return isUsed(by: neighbor) || (neighbor.holdsLabels(now: context.now) && saved.contains(owner))
        }
        for (owner, place) in places where place != vrfNumber(of: owner) {
            setBinding(bindings[owner], of: owner)
        }
        for owner in due.sorted() { want(owner) }
        for owner in bindings.owners.filter({ !wanted.contains($0) }).sorted() where !isSucceeding(owner) {
            unwant(owner)
        }
    }

    // MARK: Another meaning

    /// What the label of a VRF means for a neighbor from now on, if that is another than it was; `nil` if the VRF has no part
    /// there any more.
    private func successor(of owner: LabelOwner) -> LabelOwner? {
        guard let identity = owner.vrf, let vrf = context.inputs.vrfs[identity.name], vrf.identity == identity else {
            return nil
        }
        let successor = LabelOwner(vrf.labelSubject(towards: owner.neighbor.peer), neighbor: owner.neighbor)
        return successor != owner && isWanted(successor) ? successor : nil
    }

    /// Whether routes go by an installed label until that of its successor can take its place: they are told anew, and not
    /// withdrawn in between.
    private func isSucceeding(_ owner: LabelOwner) -> Bool {
        guard bindings[owner]?.state == .installed, let state = successor(of: owner).flatMap({ bindings[$0]?.state })
        else { return false }
        return state == .installing || state == .removing
    }

    /// The labels of a VRF with another meaning that this one takes the place of.
    private func endPredecessors(of owner: LabelOwner) {
        guard let vrf = owner.vrf else { return }
        let former = bindings.bindings(of: owner.neighbor.peer).keys.filter {
            $0.vrf == vrf && $0 != owner && $0.neighbor == owner.neighbor && !isWanted($0)
        }
        for owner in former.sorted() { unwant(owner) }
    }

    private func allocate(_ wanted: Set<LabelOwner>) -> Bool {
        ownersWithoutLabel.keep(wanted)
        var isAnyNew = false
        for owner in wanted.filter({ allocations.labels[$0] == nil }).sorted() where allocate(owner) { isAnyNew = true }
        return isAnyNew
    }

    /// Gives an owner a label that has none; `false` if none is free.
    private func allocate(_ owner: LabelOwner) -> Bool {
        if isWithinShare(owner),
            allocations.allocate(for: owner, from: context.inputs.labelRange, using: &generator) != nil
        {
            ownersWithoutLabel.remove(owner)
            if case .swap(let target)? = called[owner] { shares.add(owner, to: target) }
            if owner.subject.isCalledFor { untold.insert(owner) }
            return true
        }
        // Also if that was known: its routes may have come to it since.
        if owner.subject.isCalledFor { calling(for: owner).setWithoutLabel(owner) }
        guard !ownersWithoutLabel.contains(owner) else { return false }
        // There may be as many as routes.
        let isFirst = !ownersWithoutLabel.containsAny(of: owner.vrf, owner.neighbor)
        ownersWithoutLabel.insert(owner)
        guard isFirst else { return false }
        if let vrf = owner.vrf {
            context.log(.labelsExhausted(vrf: vrf.name, neighbor: owner.neighbor.peer))
        } else {
            context.log(.relayLabelsExhausted(neighbor: owner.neighbor.peer))
        }
        return false
    }

    /// Whether who calls for the label may take up one more: the neighbor to which a relay's leads, or a VRF for its routes.
    /// Those leave an eighth of the range to labels of whole VRFs, and to relays.
    private func isWithinShare(_ owner: LabelOwner) -> Bool {
        if owner.subject.isCalledFor, owner.vrf != nil {
            let all = context.inputs.labelRange.count
            return allocations.labels.count + allocations.quarantine.count < all - all / 8
        }
        guard case .swap(let target)? = called[owner], case .neighbor(let sender) = target.way else { return true }
        var most = RelayLabelShares.share(of: context.inputs.labelRange)
        if case .relayed = owner.subject, let labels = context.inputs.neighbors[sender.peer]?.maximumLabels {
            // Each for all that are told one, and once more for those that are in quarantine.
            most = 2 * labels * relay.receiverCount
        }
        return shares.count(of: sender.peer) < most
    }

    private func releaseUnwanted(_ wanted: Set<LabelOwner>) -> Bool {
        let unwanted = allocations.labels.keys.filter {
            !wanted.contains($0) && bindings[$0] == nil && !inherited.contains($0)
        }
        for owner in unwanted { releaseLabel(of: owner, isUsedUntilRestartEnds: true) }
        return !unwanted.isEmpty
    }

    /// The VRFs and the neighbors on which they are eligible, and what routes call for.
    private func wantedOwners() -> Set<LabelOwner> {
        var wanted = Set(called.keys.filter(hasPart))
        for vrf in context.inputs.vrfs.values {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = context.inputs.neighbors[address], neighbor.hasRole,
                    vrf.tellsItsLabel(to: neighbor),
                    let identity = neighbor.identity
                else { continue }
                wanted.insert(LabelOwner(vrf.labelSubject(towards: address), neighbor: identity))
            }
        }
        return wanted
    }

    private func isWanted(_ owner: LabelOwner) -> Bool {
        if owner.subject.isCalledFor {
            return called[owner] != nil && neighbors[owner.neighbor.peer]?.inputs.identity == owner.neighbor
                && hasPart(owner)
        }
        guard let vrf = owner.vrf.flatMap({ context.inputs.vrfs[$0.name] }), hasPart(owner),
            let neighbor = context.inputs.neighbors[owner.neighbor.peer], neighbor.identity == owner.neighbor
        else { return false }
        return neighbor.hasRole && vrf.tellsItsLabel(to: neighbor)
            && vrf.labelSubject(towards: neighbor.peer) == owner.subject
    }

    /// Whether the VRF that the label is of is there, is the one that it was, and has a part on the neighbor. While that is away
    /// for a restart its routes are not looked at, so that they may still call for labels of a VRF that has not.
    private func hasPart(_ owner: LabelOwner) -> Bool {
        guard let identity = owner.vrf else { return true }
        guard let vrf = context.inputs.vrfs[identity.name], vrf.identity == identity else { return false }
        return vrf.eligibleNeighbors.contains(owner.neighbor.peer)
    }

    /// Whether routes may be said to the neighbor now.
    private func isUsed(by neighbor: NeighborState) -> Bool {
        neighbor.exchangesRoutes && !neighbor.inputs.isShutdown
    }

    /// The session of the neighbor is up: what it will be told becomes valid first.
    func install(for neighbor: NeighborState) {
        areAllWithdrawalsToLookAt = true
        guard isUsed(by: neighbor), let identity = neighbor.inputs.identity else { return }
        let eligible = context.inputs.vrfs.values.filter {
            $0.eligibleNeighbors.contains(neighbor.peer) && $0.tellsItsLabel(to: neighbor.inputs)
        }
        for subject in eligible.map({ $0.labelSubject(towards: neighbor.peer) }).sorted() {
            want(LabelOwner(subject, neighbor: identity))
        }
        for owner in called.keys.filter({ $0.neighbor == identity && hasPart($0) }).sorted() { want(owner) }
    }

    /// The neighbor does not use what it was told any more.
    func end(for neighbor: NeighborState) {
        relay.forget(neighbor.peer, isGone: true)
        labelled.forget(neighbor.peer, isGone: true)
        sources.forget(neighbor.peer, isGone: true)
        for (owner, binding) in bindings.bindings(of: neighbor.peer).sorted(by: { $0.key < $1.key }) {
            // Also one whose withdrawals were on their way.
            remove(owner, binding, .atOnce)
        }
    }

    private func want(_ owner: LabelOwner) {
        guard let label = allocations.labels[owner] else { return }
        switch bindings[owner]?.state {
        case nil:
            let binding = LabelBinding(owner: owner, label: label)
            setBinding(.init(label: label, state: .installing), of: owner)
            if let target = called[owner] { lead(binding, to: target) }
            context.add(.installLabel(binding))
        case .withdrawing:
            setState(.installed, of: owner)
            enqueueRoutes(of: owner)
        case .removing:
            // It is installed anew when the owner has confirmed that.
            noteAwaited(owner)
        case .installing, .installed: break
        }
    }

    private func unwant(_ owner: LabelOwner) {
        guard let binding = bindings[owner] else { return }
        switch binding.state {
        case .installing: remove(owner, binding, .atOnce)
        case .installed:
            setState(.withdrawing, of: owner)
            withdrawalsToLookAt.insert(owner)
        case .withdrawing, .removing: break
        }
    }

    private func remove(_ owner: LabelOwner, _ binding: LabelBindings.Binding, _ removal: LabelRemoval) {
        var binding = binding
        binding.state = .removing
        binding.isUsedUntilRestartEnds = removal == .atOnce
        setBinding(binding, of: owner)
        context.add(.removeLabel(LabelBinding(owner: owner, label: binding.label), removal))
    }

    /// Whether what is to be said to the neighbor is not complete before a label is installed.
    func isAwaited(by neighbor: NeighborState) -> Bool {
        bindings.unconfirmed(of: neighbor.peer).contains { owner in
            bindings[owner]?.state == .installing || isWanted(owner)
        }
    }

    /// Removes the labels whose last route has been withdrawn.
    func finishWithdrawals() {
        var found: [(owner: LabelOwner, removal: LabelRemoval)] = []
        for owner in takeWithdrawalsToLookAt() {
            if let removal = removal(of: owner) { found.append((owner, removal)) }
        }
        for (owner, removal) in found.sorted(by: { $0.owner < $1.owner }) {
            if let binding = bindings[owner] { remove(owner, binding, removal) }
        }
    }

    /// The labels whose routes are being withdrawn and may all be: of many, those that something has happened to.
    private func takeWithdrawalsToLookAt() -> Set<LabelOwner> {
        var areAll = areAllWithdrawalsToLookAt
        areAllWithdrawalsToLookAt = false
        for neighbor in neighbors.all {
            if neighbor.advertised.takeHasSentEndOfRIB() { areAll = true }
            for label in neighbor.advertised.takeUnusedLabels() {
                if let owner = allocations.holder(of: label) { withdrawalsToLookAt.insert(owner) }
            }
        }
        defer { if !withdrawalsToLookAt.isEmpty { withdrawalsToLookAt = [] } }
        return areAll ? bindings.withdrawing : withdrawalsToLookAt
    }

    /// How a label may be removed whose routes are being withdrawn; `nil` if it may not yet.
    private func removal(of owner: LabelOwner) -> LabelRemoval? {
        guard let binding = bindings[owner], binding.state == .withdrawing else { return nil }
        guard let neighbor = neighbors[owner.neighbor.peer], neighbor.inputs.identity == owner.neighbor,
            neighbor.holdsLabels(now: context.now)
        else { return .atOnce }
        // A neighbor that is away uses it until it has come back and has heard what it does not have any more.
        guard let session = neighbor.session, !neighbor.advertised.usesLabel(binding.label),
            !session.families.contains(where: { neighbor.advertised[$0].isEndOfRIBDue })
        else { return nil }
        return .whenWithdrawalsAreRead
    }

    func noteInstalled(_ binding: LabelBinding) {
        guard let known = bindings[binding.owner], known.label == binding.label, known.state == .installing else {
            return
        }
        untold.remove(binding.owner)
        setBinding(.init(label: binding.label, state: .installed, since: context.now), of: binding.owner)
        endPredecessors(of: binding.owner)
        enqueueRoutes(of: binding.owner)
    }

    /// The tables cannot take a label. What routes wait for it with is taken back until they can.
    func noteRefused(_ binding: LabelBinding) {
        guard binding.owner.subject.isCalledFor, let known = bindings[binding.owner], known.label == binding.label,
            known.state == .installing
        else { return }
        calling(for: binding.owner).setWithoutLabel(binding.owner)
    }

    func noteRemoved(_ binding: LabelBinding) {
        let owner = binding.owner
        guard let known = bindings[owner], known.label == binding.label, known.state == .removing else { return }
        setBinding(nil, of: owner)
        ways[owner] = nil
        // A relay's that was removed at once is spent: what has come back since then may be another VPN.
        if !isWanted(owner) || (owner.vrf == nil && known.isUsedUntilRestartEnds) {
            releaseLabel(of: owner, isUsedUntilRestartEnds: known.isUsedUntilRestartEnds)
            if isWanted(owner), allocate(owner) { save() } else { scheduleSave() }
            if owner.subject.isCalledFor { neighbors[owner.neighbor.peer]?.advertised.requestSignal() }
        }
        if isWanted(owner), let neighbor = neighbors[owner.neighbor.peer] {
            if isUsed(by: neighbor) { want(owner) }
            // End-of-RIB may have waited for the label.
            if neighbor.session != nil { neighbor.advertised.requestSignal() }
        }
    }

    /// - Parameter isUsedUntilRestartEnds: whether the neighbor has not read the withdrawals: if it keeps routes over our
    ///   restart it may use the label for as long.
    private func releaseLabel(of owner: LabelOwner, isUsedUntilRestartEnds: Bool) {
        if untold.remove(owner) != nil {
            allocations.giveBack(owner)
            shares.remove(owner)
            return scheduleRetry()
        }
        let restart =
            isUsedUntilRestartEnds ? context.inputs.neighbors[owner.neighbor.peer]?.announcedRestartSeconds ?? 0 : 0
        allocations.release(
            owner, now: context.now, quarantineSeconds: max(context.inputs.labelQuarantineSeconds, restart))
    }

    private func setState(_ state: LabelBindings.State, of owner: LabelOwner) {
        guard var binding = bindings[owner] else { return }
        binding.state = state
        setBinding(binding, of: owner)
    }

    /// Changes a binding, and with it whether routes may be advertised by the label.
    private func setBinding(_ binding: LabelBindings.Binding?, of owner: LabelOwner) {
        let former = bindings[owner]
        bindings[owner] = binding
        let place = places.removeValue(forKey: owner)
        guard let neighbor = neighbors[owner.neighbor.peer] else { return }
        if let label = (binding ?? former)?.label { neighbor.advertised.setValid(label, binding?.isValid ?? false) }
        guard !owner.subject.isCalledFor else {
            calling(for: owner).setLabel(
                binding?.state == .installed && isWanted(owner) ? binding?.label : nil, of: owner)
            return
        }
        if let place, neighbor.advertised.label(of: place) == former?.label {
            neighbor.advertised.setLabel(nil, of: place)
        }
        noteAwaited(owner)
        guard let number = vrfNumber(of: owner) else { return }
        guard let binding, binding.state == .installed, isWanted(owner) else { return }
        places[owner] = number
        neighbor.advertised.setLabel(binding.label, of: number)
    }

    /// Says whether the label of a VRF is about to be valid: then its routes stay as they are until it is.
    private func noteAwaited(_ owner: LabelOwner) {
        guard !owner.subject.isCalledFor, let number = vrfNumber(of: owner),
            let neighbor = neighbors[owner.neighbor.peer]
        else { return }
        let state = bindings[owner]?.state
        neighbor.advertised.setAwaited((state == .installing || state == .removing) && isWanted(owner), of: number)
    }

    /// Whose routes call for a label.
    private func calling(for owner: LabelOwner) -> any RelayLabels {
        switch owner.subject {
        case .labelledPrefix: labelled
        case .vrf, .vrfOnCircuit, .nextHop, .prefix: sources
        case .relayed, .relayedPrefix: relay
        }
    }

    // MARK: What routes call for

    /// Obeys what has changed of the labels that routes call for.
    func followRoutes() {
        let changes = relay.takeLabelChanges() + labelled.takeLabelChanges() + sources.takeLabelChanges()
        guard !changes.isEmpty else { return }
        var isAnyNew = false
        var wanted: [LabelOwner] = []
        var losers: Set<PeerAddress> = []
        for (owner, change) in changes {
            let isGone = change.isEnd(of: ways[owner], isInherited: inherited.contains(owner))
            if isGone, bindings[owner]?.isValid == true { losers.insert(owner.neighbor.peer) }
            if isGone || change.target == nil { giveUp(owner, isGone: isGone, isDead: change.isDead) }
            guard let target = change.target else { continue }
            redirect(owner, to: target)
            if allocations.labels[owner] != nil {
                if case .swap(let target) = target { shares.follow(owner, to: target) }
            } else if allocate(owner) {
                isAnyNew = true
            }
            wanted.append(owner)
        }
        for peer in losers.sorted() {
            relay.reviseWaiting(for: peer)
            labelled.reviseWaiting(for: peer)
        }
        if isAnyNew { save() }
        for owner in wanted {
            guard let neighbor = neighbors[owner.neighbor.peer] else { continue }
            guard isUsed(by: neighbor) || inherited.contains(owner) else { continue }
            want(owner)
            // It was called for no longer and again before that was looked at.
            if let binding = bindings[owner], binding.state == .installed {
                calling(for: owner).setLabel(binding.label, of: owner)
            }
        }
    }

    /// Packets of a label that is there go elsewhere from now on.
    private func redirect(_ owner: LabelOwner, to target: LabelTarget) {
        called[owner] = target
        guard ways[owner] != target, let binding = bindings[owner], !binding.isRemovedAtOnce else { return }
        lead(LabelBinding(owner: owner, label: binding.label), to: target)
    }

    private func lead(_ binding: LabelBinding, to target: LabelTarget) {
        ways[binding.owner] = target
        switch target {
        case .swap(let target): context.add(.setSwap(binding, target))
        case .way(let way): context.add(.setWay(binding, way))
        case .lookup: context.add(.setWay(binding, nil))
        }
    }

    /// No route calls for a label any more.
    ///
    /// - Parameters:
    ///   - isGone: what it led to may not be used any more.
    ///   - isDead: the VRF has nothing that leads there any more: it is one of the whole VRF until its withdrawals have been read.
    private func giveUp(_ owner: LabelOwner, isGone: Bool, isDead: Bool) {
        if isDead { redirect(owner, to: .lookup) }
        called[owner] = nil
        ownersWithoutLabel.remove(owner)
        if isGone { inherited.remove(owner) }
        if let binding = bindings[owner] {
            // What it leads to is gone: nobody may use it, whether he has heard of that or not, and has read it or not.
            if !isGone { unwant(owner) } else if !binding.isRemovedAtOnce { remove(owner, binding, .atOnce) }
        } else if !inherited.contains(owner), allocations.labels[owner] != nil {
            releaseLabel(of: owner, isUsedUntilRestartEnds: isGone)
            scheduleSave()
        }
    }

    /// The first convergence is over: what the process before had for routes and none calls for goes.
    func releaseInherited() {
        guard !inherited.isEmpty else { return }
        let unwanted = inherited.filter { called[$0] == nil && bindings[$0] == nil }
        inherited = []
        for owner in unwanted { releaseLabel(of: owner, isUsedUntilRestartEnds: true) }
        if !unwanted.isEmpty { scheduleSave() }
    }

    // MARK: VRFs' places

    private func vrfNumber(of owner: LabelOwner) -> VRFNumber? {
        owner.vrf.flatMap { context.inputs.vrfs[$0.name]?.number }
    }

    private func enqueueRoutes(of owner: LabelOwner) {
        // Also without a route: End-of-RIB may have waited for the label. Those that call for it have been noted.
        guard !owner.subject.isCalledFor else {
            neighbors[owner.neighbor.peer]?.advertised.requestSignal()
            return
        }
        guard let vrf = owner.vrf.flatMap({ vrfs[$0.name] }), vrf.inputs.identity == owner.vrf,
            let neighbor = neighbors[owner.neighbor.peer], neighbor.inputs.identity == owner.neighbor
        else { return }
        advertising.enqueueRoutes(of: vrf, for: neighbor)
        // Also without a route: End-of-RIB may have waited for the label.
        neighbor.advertised.requestSignal()
    }
}
