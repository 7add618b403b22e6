import Addressing
import BGP

/// The routes of all VRFs and what goes to and comes from the neighbors.
///
/// A state machine without clock and without I/O: ``handle(_:now:)`` takes what happened and returns what is to be
/// done, in order. What leaves for a neighbor is fetched in portions by ``nextBatch(for:limit:now:)``: pending output
/// is a set of prefixes, and what is sent for one is decided when it is fetched, so that a slow neighbor costs no more
/// than one entry a prefix and gets the latest state only.
///
/// How the parts hang together:
///
///     UPDATE ─► validity ─► Adj-RIB-In ─► import by target and eligibility ─► paths of each VRF ─┐
///     circuits, static routes ─► local routes of each VRF ───────────────────────────────────────┤
///                                         FIB changes ◄── selection for each prefix ◄────────────┘
///                                                             │
///     UPDATE ◄─ nextBatch ◄─ pending routes of each neighbor ─┘  (held until the VRF's label is installed)
///
/// What internal neighbors send goes by no VRF to others of them: ``RouteReflection`` takes it from Adj-RIB-In. Nor does what is
/// relayed between NNIs and the core: ``RouteRelay``, ``LabelledRelay``, ``SignallingRelay``. What MVPN and EVPN routes say of labels
/// is placed in tables of its own: ``LabelPlacement``.
///
/// Each part is a type with its own state, which the others can read and only it can write: ``RouteReception`` has a ``RouteJudge``
/// say what may be used, ``ReceivedRoutes`` fills the ``AdjRIBIn`` of a neighbor and the ``DefaultTable``, ``RouteSweeping`` takes many
/// routes out, ``RouteRevision`` judges those that are held anew, ``RouteImport`` fills the ``VRFState``s, ``RouteSelection`` looks at what
/// that changes, ``RouteAdvertising`` fills and empties the ``AdjRIBOut``s, ``LabelLifecycle`` has the labels, ``FirstConvergence`` the
/// neighbors that are waited for. What a neighbor may send and is given is said by its ``NeighborRole``. The table hands
/// events to them and collects what they lead to.
public final class RoutingTable {
    let context = RoutingContext()
    let neighbors = RoutingNeighbors()
    let vrfs: VRFTables
    let transports = TransportStates()
    private let defaultTable: DefaultTable
    let placement: LabelPlacement
    let imports: RouteImport
    let labelling: LabelLifecycle
    private let selection: RouteSelection
    private let reception: RouteReception
    private let revision: RouteRevision
    private let sweeping: RouteSweeping
    private let refreshes: RefreshRequests
    private let advertising: RouteAdvertising
    private let reflection: RouteReflection
    private let tunnels: TunnelProviders
    let relay: RouteRelay
    let labelled: LabelledRelay
    private let signalling: SignallingRelay
    private let labelSources: VRFLabelSources
    private let membership: MembershipFollowing
    private let sessions: NeighborSessions
    private var convergence: FirstConvergence
    private var isConfigured = false

    /// - Parameters:
    ///   - labels: the labels as they were saved; empty on the very first start.
    ///   - awaited: the neighbors whose sessions were up before this process started: their routes belong to the
    ///     first convergence. Without any it is over with the first inputs.
    ///   - selectionDeferral: when the first convergence ends at the latest. Until then the awaited neighbors go on
    ///     using the labels that they were told.
    ///   - generator: labels are drawn by it. They must not be guessed: the system's in earnest, a seeded one in tests.
    ///   - receivedLabelLimits: how much is looked at of what PEs say of labels of tunnels; `nil`: nothing.
    ///   - labelRetryLimit: how many that got no label are tried at once when some are free again; `nil`: as many as take no time.
    public init(
        labels: LabelAllocations = LabelAllocations(), awaiting awaited: some Sequence<PeerAddress> = [],
        selectionDeferral: Instant? = nil, generator: any RandomNumberGenerator = SystemRandomNumberGenerator(),
        labelRetryLimit: Int? = nil, receivedLabelLimits: ReceivedLabelLimits? = ReceivedLabelLimits()
    ) {
        vrfs = VRFTables(context)
        defaultTable = DefaultTable(context)
        placement = LabelPlacement(context, receivedLabelLimits)
        reflection = RouteReflection(context, neighbors)
        tunnels = TunnelProviders(context, neighbors)
        let nextHops = RouteNextHops(context: context, transports: transports)
        let distinguishers = NetworkDistinguishers()
        let joinable = JoinableRoutes()
        relay = RouteRelay(context, neighbors, nextHops, distinguishers, joinable)
        labelled = LabelledRelay(context, neighbors, nextHops)
        signalling = SignallingRelay(context, neighbors, nextHops, relay, distinguishers, joinable)
        labelSources = VRFLabelSources(neighbors, vrfs)
        advertising = RouteAdvertising(
            context, neighbors, vrfs, reflection, relay, labelled, signalling, labelSources)
        selection = RouteSelection(context: context, advertising: advertising)
        imports = RouteImport(context, neighbors, vrfs, nextHops, selection)
        refreshes = RefreshRequests(context: context)
        let routes = ReceivedRoutes(
            context, imports, reflection, relay, labelled, signalling, defaultTable, placement, refreshes)
        let judge = RouteJudge(context, relay)
        reception = RouteReception(context, imports, routes, judge)
        sweeping = RouteSweeping(context, imports, relay, labelled, signalling, routes)
        revision = RouteRevision(context, imports, relay, judge, routes, sweeping, refreshes)
        labelling = LabelLifecycle(
            context, neighbors, vrfs, advertising,
            LabelCallers(relay: relay, labelled: labelled, signalling: signalling, sources: labelSources),
            allocations: labels,
            generator: generator, retryLimit: labelRetryLimit ?? LabelGiving.retryLimit)
        membership = MembershipFollowing(
            context: context, neighbors: neighbors, vrfs: vrfs, advertising: advertising, reflection: reflection,
            relay: relay, signalling: signalling)
        sessions = NeighborSessions(
            context: context, vrfs: vrfs, revision: revision,
            limits: LimitEnforcement(context: context, routes: routes, sweeping: sweeping), sweeping: sweeping,
            labelling: labelling, advertising: advertising, reflection: reflection, relay: relay, labelled: labelled,
            signalling: signalling, membership: membership)
        convergence = FirstConvergence(awaiting: awaited, deadline: selectionDeferral)
    }

    /// The labels of the VRFs and the labels in quarantine: what ``RoutingEffect/saveAllocations`` is to write.
    public var labels: LabelAllocations { labelling.giving.allocations }

    /// Whether the first convergence is over (RFC 4724 §4.1): nothing is advertised before.
    public var isConverged: Bool { convergence.isOver }

    /// Takes in what happened and returns what is to be done, to be carried out in order.
    public func handle(_ event: RoutingEvent, now: Instant) -> [RoutingEffect] {
        context.begin(at: now)
        var areNeighborsChanged = false
        switch event {
        case .configure(let inputs):
            configure(inputs)
            areNeighborsChanged = true
        case .established(let address, let session):
            withNeighbor(address) { neighbor in
                sessions.establish(neighbor, session)
                convergence.established(address, session, now: now)
            }
        case .down(let address, let restart, let isForgotten):
            withNeighbor(address) { sessions.takeDown($0, keeping: restart, isForgotten: isForgotten) }
        case .update(let address, let update):
            withNeighbor(address) { neighbor in
                if let reason = reception.receive(update, from: neighbor) { sessions.reset(neighbor, reason) }
            }
        case .endOfRIB(let address, let family):
            withFamily(address, family) { neighbor, family in
                if neighbor.received[family].holdsStaleRoutes { sweeping.removeStale(neighbor, family) }
                convergence.endOfRIB(from: address, family)
                if family == .routeTargets { membership.endOfRIB(from: neighbor) }
            }
        case .routeRefresh(let address, let family):
            withFamily(address, family) { advertising.resendAll(to: $0, $1) }
        case .refreshBegan(let address, let family):
            withFamily(address, family) { $0.received[$1].beginGeneration() }
        case .refreshEnded(let address, let family): withFamily(address, family) { sweeping.removeStale($0, $1) }
        case .nextHopChanged(let address, let state):
            withNeighbor(address) { sweeping.setNextHop(state, of: $0) }
        case .transportsChanged(let states): followTransports(states)
        case .circuitGatewayChanged(let vrf, let gateway, let isSilent):
            if let vrf = vrfs[vrf], vrf.setCircuitGateway(gateway, isSilent: isSilent) {
                for address in vrf.inputs.neighbors(at: gateway).sorted() {
                    withNeighbor(address, sweeping.followWays)
                }
            }
        case .providersKnown(let bound, let learnt): labelled.setKnown(bound: bound, learnt: learnt)
        case .staleRoutesFlushed(let address): withNeighbor(address) { sessions.flushStale($0) }
        case .familyDisabled(let address, let family): withFamily(address, family) { sessions.disable($0, $1) }
        case .labelsInstalled(let bindings): for binding in bindings { labelling.noteInstalled(binding) }
        case .labelRefused(let binding): labelling.noteRefused(binding)
        case .labelsRemoved(let bindings): for binding in bindings { labelling.noteRemoved(binding) }
        case .timePassed: passTime()
        }
        // Before the relay's labels: they are called for by what is wanted.
        membership.followChanges()
        followLabels()
        tunnels.follow(areNeighborsChanged: areNeighborsChanged)
        labelling.finishWithdrawals()
        if isConfigured, convergence.end(now: now) { endConvergence() }
        signalOutput()
        return context.take()
    }

    private func endConvergence() {
        context.noteConverged()
        labelled.endConvergence()
        followLabels()
        labelling.releaseInherited()
        // Who has fetched what could be sent before does not know of the rest.
        for neighbor in neighbors.all where neighbor.exchanges(.routeTargets) { neighbor.advertised.requestSignal() }
    }

    /// What routes have led to that go on without a VRF, or that call for labels.
    private func followLabels() {
        revision.followCoreDistinguishers(neighbors)
        relay.followNewRouters()
        if signalling.followRelayed() { advertising.membership.configure() }
        labelling.followRoutes()
    }

    private func signalOutput() {
        if isConverged {
            advertising.signalOutput()
        } else if context.hasMembership {
            advertising.signalMembership(isWhole: isMembershipWhole)
        }
    }

    /// Whether before the first convergence a neighbor may be told that it has heard of all that is wanted: not while a client
    /// that was up before, and whose wishes it hears of here, has not said them again.
    private func isMembershipWhole(to neighbor: NeighborState) -> Bool {
        neighbor.role(in: .routeTargets) == .reflectorClient
            || !neighbors.all.contains { client in
                client.role(in: .routeTargets) == .reflectorClient
                    && (client.session == nil ? convergence.awaits(client.peer) : client.isMembershipAwaited)
            }
    }

    private func followTransports(_ states: [IPAddress: NextHopState]) {
        let changed = Set(states.filter { transports.set($0.key, to: $0.value) }.keys)
        guard !changed.isEmpty else { return }
        for neighbor in neighbors.inOrder where neighbor.isInternal {
            sweeping.followTransports(to: changed, of: neighbor)
        }
        labelled.followTransports(to: changed)
    }

    /// The family and the neighbor, if both are known and the session is up.
    private func withFamily(
        _ address: PeerAddress, _ family: AddressFamilyIdentifier, _ body: (NeighborState, SessionFamily) -> Void
    ) {
        guard let family = SessionFamily(family) else { return }
        withNeighbor(address) { neighbor in
            if neighbor.session != nil { body(neighbor, family) }
        }
    }

    private func withNeighbor(_ address: PeerAddress, _ body: (NeighborState) -> Void) {
        if let neighbor = neighbors[address] { body(neighbor) }
    }

    // MARK: Output

    /// The next portion for `neighbor`: withdrawals, then routes gathered by their attributes, then the marks that
    /// are due, then labels that may now be removed. To be carried out in order; empty when there is no more.
    ///
    /// - Parameter limit: the number of routes in the portion, at least 1.
    public func nextBatch(for address: PeerAddress, limit: Int, now: Instant) -> [RoutingEffect] {
        context.begin(at: now)
        guard let neighbor = neighbors[address], neighbor.session != nil else { return [] }
        guard isConverged else {
            guard neighbor.exchanges(.routeTargets) else { return [] }
            advertising.sendMembershipAhead(
                to: neighbor, limit: max(1, limit), isWhole: isMembershipWhole(to: neighbor))
            return context.take()
        }
        advertising.sendPending(to: neighbor, limit: max(1, limit))
        if neighbor.advertised.pendingCount == 0 {
            let waits =
                neighbor.advertised.isEndOfRIBDue
                && (advertising.isReviewing(neighbor) || labelling.states.isAwaited(by: neighbor))
            advertising.finishSending(
                to: neighbor, waitsForLabel: waits, isSignallingDecided: signalling.isDecided(for: neighbor))
        }
        labelling.finishWithdrawals()
        return context.take()
    }

    /// Whether there may be more for ``nextBatch(for:limit:now:)``, though the last portion may have been empty.
    public func isOutputOwed(to address: PeerAddress) -> Bool {
        guard isConverged, let neighbor = neighbors[address], neighbor.session != nil else { return false }
        return neighbor.advertised.pendingCount > 0
    }

    // MARK: Work in portions

    /// Whether there is work for ``continueSweeping(limit:now:)``.
    public var isSweeping: Bool {
        labelling.hasMoreToDo || signalling.isDeciding || placement.hasMoreToDo
            || neighbors.all.contains { sweeping.isSweeping($0) || advertising.isReviewing($0) }
    }

    /// Removes the next routes of sessions that are lost, or that were not repeated after a restart, chooses anew among routes
    /// whose next hops have come or gone, and looks at those that a neighbor may have to be told otherwise. To be called again,
    /// after other work, for as long as ``isSweeping`` says so.
    ///
    /// - Parameter limit: the number of routes that are looked at, at least 1.
    public func continueSweeping(limit: Int, now: Instant) -> [RoutingEffect] {
        context.begin(at: now)
        var left = max(1, limit)
        // What who is away may not have any more does not wait for the routes of others.
        for neighbor in neighbors.inOrder where neighbor.session == nil {
            left -= advertising.continueReview(neighbor, limit: left)
        }
        for neighbor in neighbors.inOrder {
            for family in SessionFamily.allCases where left > 0 {
                left -= sweeping.continueSweeping(neighbor, family, limit: left)
            }
            left -= advertising.continueReview(neighbor, limit: left)
        }
        if left > 0 { left -= signalling.continueDeciding(limit: left) }
        if left > 0 { _ = placement.goOn(limit: left) }
        labelling.goOn()
        membership.followChanges()
        followLabels()
        tunnels.follow(areNeighborsChanged: false)
        labelling.finishWithdrawals()
        signalOutput()
        return context.take()
    }

    // MARK: Time

    /// When to report ``RoutingEvent/timePassed`` at the latest; `nil` if nothing waits for time.
    public var nextDeadline: Instant? {
        let deadlines =
            [convergence.nextDeadline, labelling.giving.nextDeadline] + vrfs.all.map(\.admissionRetryAt)
            + neighbors.all.map(sessions.nextDeadline)
        return deadlines.compactMap { $0 }.min()
    }

    private func passTime() {
        for neighbor in neighbors.inOrder { sessions.passTime(neighbor) }
        for vrf in vrfs.inOrder {
            if let retry = vrf.admissionRetryAt, retry <= context.now { imports.admitRefusedRoutes(vrf) }
        }
        labelling.passTime()
        convergence.passTime(now: context.now)
    }

    // MARK: Inputs

    /// Goes over to new inputs with no more effects than the difference calls for.
    private func configure(_ given: RoutingInputs) {
        let new = given.withOptionEToExternalNeighborsOnly
        guard !isConfigured || new != context.inputs else { return }
        let old = context.configure(new)
        reception.keepAttributes(new.keptAttributes)
        if !isConfigured {
            isConfigured = true
            labelling.giving.boundQuarantines()
        }
        configureNeighbors(old)
        placement.configure()
        reflection.configure(old)
        relay.configure(old)
        labelled.configure(old)
        signalling.configure(old)
        configureVRFs(old)
        if context.isRelaying,
            old.relaying != new.relaying
                || Set(old.vrfs.values.map(\.routeDistinguisher)) != context.vrfDistinguishers
        {
            for neighbor in neighbors.inOrder { revision.removeOwnDistinguishers(of: neighbor) }
        }
        for neighbor in neighbors.inOrder { refreshes.askForMore(of: neighbor, unlike: old) }
        followLabels()
        labelling.reconcile()
        for neighbor in neighbors.inOrder where neighbor.labelsEnd == nil && neighbor.session == nil {
            labelling.end(for: neighbor)
        }
        advertising.reviseExports(old)
        labelling.endUnfollowed(old)
        membership.configure()
        let named = Set(neighbors.all.filter(\.isInternal).flatMap(\.received.providers))
        transports.keep(named.union(labelled.providers))
        context.keepProviders(named)
    }

    private func configureNeighbors(_ old: RoutingInputs) {
        let inputs = context.inputs
        for neighbor in neighbors.inOrder where inputs.neighbors[neighbor.peer] == nil {
            sessions.remove(neighbor)
            neighbors.remove(neighbor)
        }
        convergence.keep { inputs.neighbors[$0] != nil }
        // Whoever is in a VRF that is another one under its number is another customer's router.
        let replaced = Set(old.vrfs.values.filter { !$0.isSame(as: inputs.vrfs[$0.name]) }.map(\.number))
        for new in inputs.neighbors.values.sorted(by: { $0.peer < $1.peer }) {
            if let neighbor = neighbors[new.peer] {
                let isAnother =
                    old.autonomousSystem != inputs.autonomousSystem || new.peer.vrf.map(replaced.contains) == true
                sessions.configure(neighbor, new, isAnother: isAnother)
            } else {
                // A neighbor that was up before a restart goes on using what it was told by the process before.
                let labelsEnd = convergence.awaits(new.peer) ? convergence.deadline : nil
                neighbors.add(NeighborState(new, labelsEnd: labelsEnd))
            }
        }
    }

    private func configureVRFs(_ old: RoutingInputs) {
        let inputs = context.inputs
        let changed = vrfs.configure(old)
        var formerImports = imports.reindex(vrfs.all)
        for vrf in changed {
            selection.reviseMultipath(of: vrf)
            selection.reviseOwnRoutes(of: vrf)
            if old.vrfs[vrf.name]?.maximumRoutes != vrf.inputs.maximumRoutes { imports.removeExcess(of: vrf) }
        }
        let remapped = changed.filter { $0.inputs.importPolicies != old.vrfs[$0.name]?.importPolicies }
        let isAnyGone = old.vrfs.contains { !$0.value.isSame(as: inputs.vrfs[$0.key]) }
        let isImportChanged = changed.contains { vrf in
            vrf.inputs.imports(unlike: old.vrfs[vrf.name].flatMap { $0.isSame(as: vrf.inputs) ? $0 : nil })
        }
        let isEveryoneConcerned =
            isAnyGone || isImportChanged || old.keepsRoutesWithoutImport != inputs.keepsRoutesWithoutImport
            || Set(old.reflectorClients.keys) != context.reflectedFamilies
        let (formerlyRelayed, relayed) = (old.targetsRelayedFromCore, inputs.targetsRelayedFromCore)
        for neighbor in neighbors.inOrder
        where isEveryoneConcerned || formerlyRelayed[neighbor.peer] != relayed[neighbor.peer] {
            revision.reimport(of: neighbor, &formerImports, vrfs, remapped: remapped)
        }
        let rerouted = Set(changed.flatMap { $0.inputs.rerouted(unlike: old.vrfs[$0.name]) })
        for neighbor in neighbors.inOrder where rerouted.contains(neighbor.peer) { sweeping.followWays(of: neighbor) }
        for vrf in changed where vrf.hasRefusedRoutes && vrf.hasRoom { imports.admitRefusedRoutes(vrf) }
    }
}
