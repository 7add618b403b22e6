import Addressing

/// The second control-plane rule of Option E: a label is valid before it is said and while it may be used, for nobody
/// but the neighbor that it was said to, and is not given to another until its quarantine is over.
///
/// An owner that is *wanted* (``WantedLabels``) has a label (``LabelGiving``). The label is installed when the neighbor's session
/// comes up and stays for as long as the neighbor *holds labels*: while the session is up and, with graceful restart, for the
/// restart time that we announced. What state it is in, and so what its neighbor may be told, is for ``LabelStates``; when it may be
/// removed for ``LabelWithdrawals``.
final class LabelLifecycle {
    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let callers: LabelCallers
    private let wanted: WantedLabels
    let giving: LabelGiving
    var meanings: VRFLabelMeanings { wanted.meanings }
    let states: LabelStates
    private let withdrawals: LabelWithdrawals
    /// Where labels that routes have called for lead and that are not removed, wanted or not.
    private var ways: [LabelOwner: LabelTarget] = [:]
    /// Such labels as they were saved: until the first convergence is over their routes may come back.
    private var inherited: Set<LabelOwner> = []
    /// Whether labels that were saved have not been looked at yet.
    private var isFirstReconciliation = true

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ vrfs: VRFTables, _ advertising: RouteAdvertising,
        _ callers: LabelCallers, allocations: LabelAllocations, generator: any RandomNumberGenerator, retryLimit: Int
    ) {
        self.context = context
        self.neighbors = neighbors
        self.callers = callers
        wanted = WantedLabels(context, neighbors)
        giving = LabelGiving(
            context, neighbors, wanted, callers, allocations: allocations, generator: generator, retryLimit: retryLimit)
        states = LabelStates(context, neighbors, vrfs, advertising, wanted, callers)
        withdrawals = LabelWithdrawals(context, neighbors, states, wanted, giving)
    }

    func passTime() {
        giving.endQuarantines()
        if giving.isReviewDue { reconcile() }
        for owner in giving.retryIfDue() { wantIfTold(owner) }
        giving.saveIfDue()
    }

    /// Whether there is work for ``goOn()``.
    var hasMoreToDo: Bool { giving.areQuarantinesOver || withdrawals.hasMoreToLookAt }

    /// Goes on with what is done in portions; ``finishWithdrawals()`` with the others.
    func goOn() {
        if giving.areQuarantinesOver { giving.endQuarantines() }
    }

    /// Brings labels and bindings to what eligibility asks for: those of whole VRFs, and what routes call for where that has changed.
    func reconcile() {
        withdrawals.noteAll()
        giving.endQuarantines()
        let areAnyMoved = giving.takeBackReserved { states[$0] != nil }
        giving.reviewCommonLabels()
        let changed = wanted.takeChangedVRFs()
        let scope = isFirstReconciliation || areAnyMoved ? WantedLabels.Scope.all : .vrfs(changed)
        let owners = wanted.all(of: scope)
        let saved = isFirstReconciliation ? Set(giving.allocations.labels.keys) : []
        if isFirstReconciliation, !context.isConverged { inherited = saved.filter(\.subject.isCalledFor) }
        isFirstReconciliation = false
        let isAnyNew = giving.give(toAll: owners, of: scope)
        let gained = giving.retryAll()
        let isAnyGone = releaseUnwanted(but: owners, of: scope)
        // On disk before it is used: after a crash the label must be known to be this owner's.
        if isAnyNew || isAnyGone || areAnyMoved { giving.save() }
        let due = owners.filter { owner in
            if states[owner]?.state == .removing { states.noteAwaited(owner) }
            guard states[owner]?.state ?? .withdrawing == .withdrawing, let neighbor = neighbors[owner.neighbor.peer]
            else { return false }
            // What the process before this one told a neighbor goes on; nothing else is said without a session.
            return neighbor.mayBeTold || (neighbor.holdsLabels(now: context.now) && saved.contains(owner))
        }
        states.followNumbers()
        for owner in due.sorted() { want(owner) }
        for owner in gained { wantIfTold(owner) }
        let bound = states.bindings.owners(of: scope).filter { !owners.contains($0) }
        for owner in bound.sorted() where !states.isSucceeding(owner) { unwant(owner) }
    }

    /// An owner has got a label that was free.
    private func wantIfTold(_ owner: LabelOwner) {
        if let neighbor = neighbors[owner.neighbor.peer], neighbor.mayBeTold { want(owner) }
    }

    private func releaseUnwanted(but owners: Set<LabelOwner>, of scope: WantedLabels.Scope) -> Bool {
        let unwanted = giving.allocations.labels.keys.filter {
            scope.contains($0) && !owners.contains($0) && states[$0] == nil && !inherited.contains($0)
        }
        for owner in unwanted { giving.release(owner, isUsedUntilRestartEnds: true) }
        return !unwanted.isEmpty
    }

    // MARK: Sessions

    /// The session of the neighbor is up: what it will be told becomes valid first.
    func install(for neighbor: NeighborState) {
        withdrawals.noteAll()
        guard neighbor.mayBeTold else { return }
        // How many labels its routes may have is known now.
        if context.inputs.hasLabelSpaces { reconcile() }
        for owner in wanted.owners(of: neighbor, where: { states[$0]?.state != .installed }) { want(owner) }
    }

    /// The neighbor does not use what it was told any more.
    func end(for neighbor: NeighborState) {
        callers.forget(neighbor.peer)
        for (owner, binding) in states.bindings.bindings(of: neighbor.peer).sorted(by: { $0.key < $1.key }) {
            // Also one whose withdrawals were on their way.
            remove(owner, binding, .atOnce)
        }
    }

    /// The session is lost, and the neighbor goes on using what it was told: not what was being withdrawn since it may not have it, be it
    /// that the withdrawal is on its way, which nobody acknowledges any more.
    func noteAway(_ neighbor: NeighborState) {
        withdrawals.noteAll()
        for owner in states.bindings.unconfirmed(of: neighbor.peer).sorted() { endIfRefused(owner) }
    }

    private func endIfRefused(_ owner: LabelOwner) {
        guard let binding = states[owner], binding.state == .removing, !binding.isRemovedAtOnce,
            binding.isRefused || !wanted.hasPart(owner)
        else { return }
        remove(owner, binding, .atOnce)
    }

    /// The inputs are others. Where labels lead that are only for who has not heard of their end is not followed: where that may have
    /// come to be refused, who is away does not get further by them.
    func endUnfollowed(_ old: RoutingInputs) {
        let inputs = context.inputs
        let isRelayingOtherwise =
            old.relaying != inputs.relaying || old.relayingLabelled != inputs.relayingLabelled
        endUnfollowed { owner in
            guard let vrf = owner.vrf else { return isRelayingOtherwise }
            let peer = owner.neighbor.peer
            return old.neighbors[peer] != inputs.neighbors[peer]
                || inputs.vrfs[vrf.name]?.exports(unlike: old.vrfs[vrf.name]) ?? true
        }
    }

    /// Those of neighbors that are away which no route calls for.
    private func endUnfollowed(where isConcerned: (LabelOwner) -> Bool) {
        for owner in states.bindings.withdrawing.sorted() {
            guard let binding = states[owner], ways[owner]?.isSwap == true, !wanted.contains(owner),
                neighbors[owner.neighbor.peer]?.session == nil, isConcerned(owner)
            else { continue }
            remove(owner, binding, .atOnce)
        }
    }

    // MARK: From wanted to removed

    private func want(_ owner: LabelOwner) {
        guard let label = giving[owner] else { return }
        switch states[owner]?.state {
        case nil:
            let binding = LabelBinding(owner: owner, label: label)
            states.set(.init(label: label, state: .installing), of: owner)
            if let target = wanted.target(of: owner) { lead(binding, to: target) }
            context.add(.installLabel(binding))
        case .withdrawing:
            states.setState(.installed, of: owner)
            states.enqueueRoutes(of: owner)
        case .removing:
            // It is installed anew when the owner has confirmed that.
            states.noteAwaited(owner)
        case .installing, .installed: break
        }
    }

    private func unwant(_ owner: LabelOwner) {
        guard let binding = states[owner] else { return }
        switch binding.state {
        case .installing: remove(owner, binding, .atOnce)
        case .installed:
            states.setState(.withdrawing, of: owner)
            withdrawals.note(owner)
            // It may be another VRF that takes it.
            if owner.subject.commonLabel != nil { states.enqueueRoutes(of: owner) }
        case .withdrawing, .removing: break
        }
    }

    private func remove(_ owner: LabelOwner, _ binding: LabelBindings.Binding, _ removal: LabelRemoval) {
        var binding = binding
        binding.state = .removing
        binding.isUsedUntilRestartEnds = removal == .atOnce
        states.set(binding, of: owner)
        context.add(.removeLabel(LabelBinding(owner: owner, label: binding.label), removal))
    }

    /// Removes the labels whose last route has been withdrawn; of many some, and soon the others.
    func finishWithdrawals() {
        for (owner, removal) in withdrawals.take() {
            if let binding = states[owner] { remove(owner, binding, removal) }
        }
    }

    // MARK: What the tables confirm

    func noteInstalled(_ binding: LabelBinding) {
        guard let known = states[binding.owner], known.label == binding.label, known.state == .installing else {
            return
        }
        giving.noteTold(binding.owner)
        states.set(.init(label: binding.label, state: .installed, since: context.now), of: binding.owner)
        for former in states.predecessors(of: binding.owner).sorted() { unwant(former) }
        states.enqueueRoutes(of: binding.owner)
    }

    /// The tables cannot take a label. What routes wait for it with is taken back until they can.
    func noteRefused(_ binding: LabelBinding) {
        guard binding.owner.subject.isCalledFor, let known = states[binding.owner], known.label == binding.label,
            known.state == .installing
        else { return }
        callers.caller(for: binding.owner).setWithoutLabel(binding.owner)
    }

    func noteRemoved(_ binding: LabelBinding) {
        let owner = binding.owner
        guard let known = states[owner], known.label == binding.label, known.state == .removing else { return }
        states.set(nil, of: owner)
        ways[owner] = nil
        callers.sources.noteRemoved(owner)
        // A relay's that was removed at once is spent: what has come back since then may be another VPN.
        if !wanted.contains(owner) || (owner.vrf == nil && known.isUsedUntilRestartEnds) {
            giving.release(owner, isUsedUntilRestartEnds: known.isUsedUntilRestartEnds)
            if wanted.contains(owner), giving.give(to: owner) { giving.save() } else { giving.scheduleSave() }
            if owner.subject.isCalledFor { neighbors[owner.neighbor.peer]?.advertised.requestSignal() }
        }
        if wanted.contains(owner), let neighbor = neighbors[owner.neighbor.peer] {
            if neighbor.mayBeTold { want(owner) }
            // End-of-RIB may have waited for the label.
            if neighbor.session != nil { neighbor.advertised.requestSignal() }
        }
    }

    // MARK: What routes call for

    /// Obeys what has changed of the labels that routes call for.
    func followRoutes() {
        let changes = callers.takeChanges()
        guard !changes.isEmpty else { return }
        var isAnyNew = false
        var called: [LabelOwner] = []
        var losers: Set<PeerAddress> = []
        var refused: Set<PeerAddress> = []
        for (owner, change) in changes {
            let isGone = change.isEnd(of: ways[owner], isInherited: inherited.contains(owner))
            if isGone, states[owner]?.isValid == true { losers.insert(owner.neighbor.peer) }
            if isGone || change.target == nil { giveUp(owner, change, isGone: isGone) }
            if change.isRefused { refused.insert(owner.neighbor.peer) }
            guard let target = change.target else { continue }
            redirect(owner, to: target)
            if giving[owner] != nil {
                giving.follow(owner, to: target)
            } else if giving.give(to: owner) {
                isAnyNew = true
            }
            called.append(owner)
        }
        for peer in losers.sorted() { callers.reviseWaiting(for: peer) }
        // Labels that this one has taken the place of may lead to the same.
        if !refused.isEmpty { endUnfollowed { refused.contains($0.neighbor.peer) } }
        if isAnyNew { giving.save() }
        for owner in called {
            guard let neighbor = neighbors[owner.neighbor.peer] else { continue }
            guard neighbor.mayBeTold || inherited.contains(owner) else { continue }
            want(owner)
            // It was called for no longer and again before that was looked at.
            if let binding = states[owner], binding.state == .installed {
                callers.caller(for: owner).setLabel(binding.label, of: owner)
            }
        }
    }

    /// Packets of a label that is there go elsewhere from now on.
    private func redirect(_ owner: LabelOwner, to target: LabelTarget) {
        wanted.call(for: owner, leadingTo: target)
        guard ways[owner] != target, let binding = states[owner], !binding.isRemovedAtOnce else { return }
        lead(LabelBinding(owner: owner, label: binding.label), to: target)
    }

    private func lead(_ binding: LabelBinding, to target: LabelTarget) {
        ways[binding.owner] = target
        switch target {
        case .swap(let target): context.add(.setSwap(binding, target))
        case .copies(let targets): context.add(.setCopies(binding, targets))
        case .way(let way): context.add(.setWay(binding, way))
        case .lookup: context.add(.setWay(binding, nil))
        }
    }

    /// No route calls for a label any more.
    ///
    /// - Parameters:
    ///   - change: of what the VRF has nothing that leads there any more is one of the whole VRF until its withdrawals have been read.
    ///   - isGone: what it led to may not be used any more.
    private func giveUp(_ owner: LabelOwner, _ change: RelayLabelDemand.Change, isGone: Bool) {
        if change.isDead { redirect(owner, to: .lookup) }
        wanted.call(for: owner, leadingTo: nil)
        giving.giveUp(owner)
        if isGone { inherited.remove(owner) }
        if let binding = states[owner] {
            // What it leads to is gone: nobody may use it, whether he has heard of that or not, and has read it or not.
            if !isGone {
                unwant(owner)
                if change.isRefused {
                    states.setRefused(owner)
                    withdrawals.noteRefused(owner)
                    if neighbors[owner.neighbor.peer]?.session == nil { endIfRefused(owner) }
                }
            } else if !binding.isRemovedAtOnce {
                remove(owner, binding, .atOnce)
            }
        } else if !inherited.contains(owner), giving[owner] != nil {
            giving.release(owner, isUsedUntilRestartEnds: isGone)
            giving.scheduleSave()
        }
    }

    /// The first convergence is over: what the process before had for routes and none calls for goes.
    func releaseInherited() {
        guard !inherited.isEmpty else { return }
        let unwanted = inherited.filter { wanted.target(of: $0) == nil && states[$0] == nil }
        inherited = []
        for owner in unwanted { giving.release(owner, isUsedUntilRestartEnds: true) }
        if !unwanted.isEmpty { giving.scheduleSave() }
    }
}
