import Addressing
import BGP

/// What goes to which neighbor: notes what may have to be sent, and makes UPDATEs of it a portion at a time.
final class RouteAdvertising {
    let context: RoutingContext
    let neighbors: RoutingNeighbors
    let vrfs: VRFTables
    let reflection: RouteReflection
    private let relay: RouteRelay
    private let labelled: LabelledRelay
    private let signalling: SignallingRelay
    let labelSources: VRFLabelSources
    private let loopbacks: LoopbackAdvertising
    /// Which VPN routes this box wants.
    let membership: MembershipAdvertising

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ vrfs: VRFTables, _ reflection: RouteReflection,
        _ relay: RouteRelay, _ labelled: LabelledRelay, _ signalling: SignallingRelay, _ labelSources: VRFLabelSources
    ) {
        self.context = context
        self.neighbors = neighbors
        self.vrfs = vrfs
        self.reflection = reflection
        self.relay = relay
        self.labelled = labelled
        self.signalling = signalling
        self.labelSources = labelSources
        loopbacks = LoopbackAdvertising(context: context)
        membership = MembershipAdvertising(context, neighbors)
    }

    /// What `neighbor` is to have for a route; `nil` if nothing.
    func export(_ nlri: NLRI, to neighbor: NeighborState) -> Export? {
        guard let family = nlri.sessionFamily else { return nil }
        if let vrf = vrf(exporting: nlri, to: neighbor), let export = export(nlri, family, of: vrf, to: neighbor) {
            return export
        }
        guard neighbor.exchanges(family) else { return nil }
        let export = relay.export(nlri, to: neighbor) ?? reflection.export(nlri, family, to: neighbor)
        return export?.applying(neighbor.exportPolicy(in: family), to: nlri.prefix, for: neighbor)
    }

    func vrf(exporting nlri: NLRI, to neighbor: NeighborState) -> VRFState? {
        switch nlri {
        case .vpn(let vpnPrefix): vrfs.exporter(of: vpnPrefix.routeDistinguisher)
        case .unicast, .labeledUnicast: neighbor.peer.vrf.flatMap { vrfs[$0] }
        case .routeTargets, .multicastVPN, .evpn: nil
        }
    }

    private func export(
        _ nlri: NLRI, _ family: SessionFamily, of vrf: VRFState, to neighbor: NeighborState
    ) -> Export? {
        guard let label = label(of: nlri, family, of: vrf, to: neighbor) else { return nil }
        return export(nlri.prefix, family, of: vrf, to: neighbor, label: label)
    }

    /// The label to give a VRF's route with: it is valid before it is said. Implicit null where the family has none.
    private func label(
        of nlri: NLRI, _ family: SessionFamily, of vrf: VRFState, to neighbor: NeighborState
    ) -> GivenLabel? {
        guard family.hasLabels else { return .implicitNull }
        guard let source = labelSource(of: nlri.prefix, family, of: vrf, to: neighbor) else {
            return family.isVPN ? neighbor.advertised.label(of: vrf.number) : nil
        }
        return labelSources.label(of: nlri, for: source.subject, to: neighbor).map { GivenLabel($0) }
    }

    /// What the label is to mean that a VRF's route is given with, and where it leads; `nil` for that of the VRF, and for none.
    private func labelSource(
        of prefix: IPPrefix, _ family: SessionFamily, of vrf: VRFState, to neighbor: NeighborState
    ) -> (subject: LabelSubject, target: LabelTarget)? {
        family.isVPN
            ? vrf.labelSource(of: prefix, in: vrf.inputs.labelMode(to: neighbor.inputs))
            : vrf.circuitLabelSource(of: prefix)
    }

    /// What the neighbor is to have for a route of a VRF as soon as it has the label; `nil` if nothing.
    private func export(
        _ prefix: IPPrefix, _ family: SessionFamily, of vrf: VRFState, to neighbor: NeighborState, label: GivenLabel
    ) -> Export? {
        guard neighbor.session?.families.contains(family) == true else { return nil }
        // A customer is in the VRF, and the VRF's map at its borders.
        let policy = family.isVPN ? vrf.exportPolicy(for: prefix.family) : nil
        guard !family.isVPN || policy != nil || neighbor.wants(vrf) else { return nil }
        let export = admitted(prefix, vrf.selection(for: prefix), family, of: vrf, to: neighbor, label: label, policy)
        guard policy != nil, let export else { return export }
        return neighbor.wants(export, of: vrf) ? export : nil
    }

    /// What its role and the policies admit of a route of a VRF, whether the neighbor is there or not.
    ///
    /// - Parameter policy: the VRF's own.
    private func admitted(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, _ family: SessionFamily, of vrf: VRFState,
        to neighbor: NeighborState, label: GivenLabel, _ policy: AppliedRoutePolicy?
    ) -> Export? {
        guard let role = neighbor.role(in: family), let settings = neighbor.inputs.families[family] else { return nil }
        return role.export(prefix, selection, of: vrf, to: neighbor, settings, label: label)?
            .applying(policy, to: prefix, for: neighbor)?
            .applying(neighbor.exportPolicy(in: family), to: prefix, for: neighbor)
    }

    /// The label of a neighbor that is away for a restart leads where its route leads now; an LSP only where the neighbor would be
    /// told of it, since no lookup asks for that.
    private func followAway(
        _ nlri: NLRI, _ family: SessionFamily, to target: LabelTarget?, at neighbor: NeighborState, of vrf: VRFState
    ) {
        guard labelSources.isConcerned(neighbor) else { return }
        if target?.isSwap == true, !isAdmitted(vrf.selection(for: nlri.prefix), nlri, family, of: vrf, to: neighbor) {
            return endAway(nlri, family, at: neighbor, of: vrf)
        }
        if !labelSources.follow(nlri, to: target, at: neighbor) { endAway(nlri, family, at: neighbor, of: vrf) }
    }

    /// The label of a neighbor that is away leads on only by a path that another one hides, and of which it would be told.
    private func endAway(_ nlri: NLRI, _ family: SessionFamily, at neighbor: NeighborState, of vrf: VRFState) {
        if case .swap(let target)? = labelSources.target(of: nlri, to: neighbor), let paths = vrf.paths[nlri.prefix],
            !family.isVPN || vrf.inputs.servesCarrier
        {
            for path in paths.all where path.nextHop != .unreachable && vrf.circuitTarget(of: path) == target {
                if isAdmitted(.path(path, beside: []), nlri, family, of: vrf, to: neighbor) { return }
            }
        }
        labelSources.remove(nlri, at: neighbor, of: vrf)
    }

    private func isAdmitted(
        _ selection: VRFState.Selection, _ nlri: NLRI, _ family: SessionFamily, of vrf: VRFState,
        to neighbor: NeighborState
    ) -> Bool {
        let policy = family.isVPN ? vrf.exportPolicy(for: nlri.prefix.family) : nil
        return admitted(nlri.prefix, selection, family, of: vrf, to: neighbor, label: .implicitNull, policy) != nil
    }

    func attributes(of export: Export, _ family: SessionFamily, to neighbor: NeighborState) -> PathAttributes? {
        if export.isRelayed {
            return OptionBRole.attributes(
                of: export, family, to: neighbor, autonomousSystem: context.inputs.autonomousSystem,
                isOwnRouter: context.isOwnRouter)
        }
        guard let vrf = export.vrf else { return ReflectorRole.attributes(of: export, to: neighbor) }
        guard let role = neighbor.role(in: family), let settings = neighbor.inputs.families[family] else { return nil }
        return role.attributes(
            of: export, in: vrf, family, to: neighbor, settings, autonomousSystem: context.inputs.autonomousSystem)
    }

    // MARK: What may have to be sent

    /// What is used for a prefix of a VRF has changed.
    func follow(
        _ before: VRFState.Selection, _ after: VRFState.Selection, _ prefix: IPPrefix, of vrf: VRFState
    ) {
        defer { labelSources.followLeaving(prefix, of: vrf) }
        // Without a core, imported routes of a VRF without transit go to no other operator: a million of them cost nothing
        // here.
        // Of a customer carrier's a label may lead by a path that is not the best.
        if before.isLocal || after.isLocal || before.isCustomers || after.isCustomers || vrf.inputs.allowsTransit
            || vrf.inputs.servesCarrier || context.hasInternalNeighbors
        {
            enqueueVPN(prefix, of: vrf)
        }
        let customers = neighbors.customers(of: vrf.number)
        guard !customers.isEmpty else { return }
        let attributes = vrf.learntAttributes(of: prefix)
        for neighbor in customers {
            let nlri = nlri(of: prefix, toCustomer: neighbor)
            guard let family = nlri.sessionFamily else { continue }
            if neighbor.exchanges(family) {
                enqueue(nlri, family, of: vrf, for: neighbor, like: attributes)
            } else if family.isLabeledUnicast {
                followAway(nlri, family, to: vrf.circuitLabelSource(of: prefix)?.target, at: neighbor, of: vrf)
            }
        }
    }

    /// A VRF's route as a neighbor inside it is given it: with a label, or without.
    func nlri(of prefix: IPPrefix, toCustomer neighbor: NeighborState) -> NLRI {
        neighbor.role(in: SessionFamily(labeledUnicast: prefix.family)) == .customerCarrier
            ? .labeledUnicast(prefix) : .unicast(prefix)
    }

    private func enqueueVPN(_ prefix: IPPrefix, of vrf: VRFState) {
        guard vrfs.exporter(of: vrf.inputs.routeDistinguisher) === vrf else { return }
        let attributes = vrf.learntAttributes(of: prefix)
        let nlri = NLRI.vpn(VPNPrefix(routeDistinguisher: vrf.inputs.routeDistinguisher, prefix: prefix))
        let family = SessionFamily(vpn: prefix.family)
        for address in vrf.inputs.eligibleNeighbors {
            guard let neighbor = neighbors[address] else { continue }
            guard neighbor.exchanges(family) else {
                // One that is away for a restart goes on using its labels.
                followAway(nlri, family, to: vrf.target(of: prefix), at: neighbor, of: vrf)
                continue
            }
            enqueue(nlri, family, of: vrf, for: neighbor, like: attributes)
        }
    }

    /// Calls for the label that a route of a VRF is to be given by, if it is to be given by one that is not the VRF's, and
    /// does not any more for the one that it is given by no longer.
    func callForLabel(_ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState) {
        guard family.hasLabels else { return }
        let vrf = vrf(exporting: nlri, to: neighbor)
        guard let vrf, let source = calledSource(nlri, family, of: vrf, to: neighbor) else {
            if labelSources.isConcerned(neighbor) { labelSources.remove(nlri, at: neighbor, of: vrf) }
            return
        }
        labelSources.set(source.subject, source.target, for: nlri, to: neighbor, of: vrf)
    }

    /// The inputs are others, and the neighbor is away: a label of a VRF's route leads where it may lead now, or ends.
    func reviseAway(_ nlri: NLRI, at neighbor: NeighborState) {
        guard let family = nlri.sessionFamily else { return }
        guard let vrf = vrf(exporting: nlri, to: neighbor),
            !family.isVPN
                || vrf.inputs.eligibleNeighbors.contains(neighbor.peer)
                    && vrf.inputs.circuitGateways[neighbor.peer] == nil
        else { return labelSources.remove(nlri, at: neighbor, of: nil) }
        let target = family.isVPN ? vrf.target(of: nlri.prefix) : vrf.circuitLabelSource(of: nlri.prefix)?.target
        followAway(nlri, family, to: target, at: neighbor, of: vrf)
    }

    /// What a route calls for that is to be given by a label of its own or its next hop's.
    func calledSource(
        _ nlri: NLRI, _ family: SessionFamily, of vrf: VRFState, to neighbor: NeighborState
    ) -> (subject: LabelSubject, target: LabelTarget)? {
        guard let source = labelSource(of: nlri.prefix, family, of: vrf, to: neighbor),
            export(nlri.prefix, family, of: vrf, to: neighbor, label: .implicitNull) != nil
        else { return nil }
        return source
    }

    /// Whether a route of a VRF is to be given as soon as there is a label for it: what the neighbor has stays until then.
    func isWaiting(_ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState) -> Bool {
        guard family.hasLabels, let vrf = vrf(exporting: nlri, to: neighbor),
            export(nlri.prefix, family, of: vrf, to: neighbor, label: .implicitNull) != nil
        else { return false }
        guard let source = labelSource(of: nlri.prefix, family, of: vrf, to: neighbor) else {
            return family.isVPN && neighbor.advertised.awaitsLabel(of: vrf.number)
        }
        return labelSources.isWaiting(nlri, for: source.subject, to: neighbor)
    }

    /// Notes a route that the neighbor has or is to have.
    private func enqueue(
        _ nlri: NLRI, _ family: SessionFamily, of vrf: VRFState, for neighbor: NeighborState,
        like attributes: PathAttributes?
    ) {
        callForLabel(nlri, family, to: neighbor)
        if neighbor.advertised[family].routes[nlri] != nil || export(nlri, family, of: vrf, to: neighbor) != nil {
            neighbor.advertised.enqueue(nlri, like: attributes)
        }
    }

    /// Notes the box's own addresses that `neighbor` is to have and does not have as they are.
    func enqueueLoopbacks(for neighbor: NeighborState) { loopbacks.enqueue(for: neighbor) }

    // MARK: From pending routes to UPDATEs

    /// Routes of which nothing is to be sent any more, since they came and went while the neighbor was slow, take up little of a
    /// portion, but not nothing.
    private static let decidedForEachSent = 4

    /// The next portion: the beginnings of refreshes, membership, withdrawals, then routes gathered by their attributes.
    func sendPending(to neighbor: NeighborState, limit: Int) {
        for family in SessionFamily.allCases where neighbor.advertised.takeRefreshBegin(family) {
            context.add(.beginRefresh(neighbor: neighbor.peer, family.identifier))
        }
        let limit = limit - sendMembership(to: neighbor, limit: limit)
        var withdrawn: [NLRI] = []
        var gathered = GatheredRoutes()
        var room = limit
        var decided = 0
        // A group that fits into a portion is not cut in two: its routes would leave in two UPDATEs.
        while room > 0, decided < Self.decidedForEachSent * limit, !neighbor.advertised.pending.isEmpty,
            room == limit || isFirstGroupTaken(neighbor, room, limit)
        {
            let portion = neighbor.advertised.popPending(room)
            for nlri in portion { take(nlri, neighbor, &gathered, &withdrawn) }
            decided += portion.count
            room = limit - withdrawn.count - gathered.count
        }
        if !withdrawn.isEmpty { context.add(.withdraw(neighbor: neighbor.peer, withdrawn)) }
        for (attributes, routes) in gathered.groups {
            context.add(.advertise(neighbor: neighbor.peer, attributes, routes))
        }
    }

    /// What of the portion says which VPN routes we want. What begins is said before what ends: a target that both name is
    /// wanted all the time.
    ///
    /// - Returns: how many routes that are.
    private func sendMembership(to neighbor: NeighborState, limit: Int) -> Int {
        var withdrawn: [NLRI] = []
        var gathered = GatheredRoutes()
        while withdrawn.count + gathered.count < limit, !neighbor.advertised.pendingMembership.isEmpty {
            let room = limit - withdrawn.count - gathered.count
            for nlri in neighbor.advertised.popPendingMembership(room) { take(nlri, neighbor, &gathered, &withdrawn) }
        }
        for (attributes, routes) in gathered.groups {
            context.add(.advertise(neighbor: neighbor.peer, attributes, routes))
        }
        if !withdrawn.isEmpty { context.add(.withdraw(neighbor: neighbor.peer, withdrawn)) }
        return withdrawn.count + gathered.count
    }

    /// The next portion of that alone, before the first convergence: the neighbors' VPN routes, which belong to that, may wait
    /// for it. It is said whole when everything is sent and nobody is waited for whose wishes go on to the neighbor.
    func sendMembershipAhead(to neighbor: NeighborState, limit: Int, isWhole: Bool) {
        if neighbor.advertised.takeRefreshBegin(.routeTargets) {
            context.add(.beginRefresh(neighbor: neighbor.peer, SessionFamily.routeTargets.identifier))
        }
        _ = sendMembership(to: neighbor, limit: limit)
        guard neighbor.advertised.pendingMembership.isEmpty else { return }
        neighbor.advertised.noteDrained()
        finish(.routeTargets, to: neighbor, isWhole: isWhole)
    }

    private func isFirstGroupTaken(_ neighbor: NeighborState, _ room: Int, _ limit: Int) -> Bool {
        let count = neighbor.advertised.pending.firstGroupCount
        return count <= room || count > limit
    }

    /// Decides what `neighbor` is sent for a route, if anything.
    private func take(
        _ nlri: NLRI, _ neighbor: NeighborState, _ gathered: inout GatheredRoutes, _ withdrawn: inout [NLRI]
    ) {
        guard let family = nlri.sessionFamily else { return }
        let advertised = neighbor.advertised
        let table = advertised[family]
        let former = table.routes[nlri]
        if isToBeLookedAt(nlri, family, at: neighbor), former.map(advertised.isValid) ?? true {
            return resend(nlri, former, neighbor, table, &gathered)
        }
        guard let wanted = wanted(nlri, family, neighbor, &gathered) else {
            guard let former else { return }
            if stays(former, nlri, family, at: neighbor) { return resend(nlri, former, neighbor, table, &gathered) }
            advertised.remove(nlri, former, in: table)
            withdrawn.append(nlri)
            return
        }
        let attributes = advertised.held(wanted.attributes)
        if let former, !former.mustBeResent, former.label == wanted.label, former.attributes == attributes { return }
        advertised.insert(
            .init(attributes: attributes, label: wanted.label, isOwnLabel: wanted.isOwnLabel), nlri, replacing: former,
            in: table)
        gathered.add(AnnouncedRoute(nlri, labels: wanted.label.stack), attributes)
    }

    /// A VRF's route stays as it was sent: if the neighbor has asked for it again, it is told that. A relayed one is told when its new
    /// label is valid, since what the old one stands for is not what was heard last.
    private func resend(
        _ nlri: NLRI, _ former: AdjRIBOut.Route?, _ neighbor: NeighborState, _ table: AdjRIBOut.Table,
        _ gathered: inout GatheredRoutes
    ) {
        guard let former, former.mustBeResent, vrf(exporting: nlri, to: neighbor) != nil else { return }
        neighbor.advertised.insert(former.resent, nlri, replacing: former, in: table)
        gathered.add(AnnouncedRoute(nlri, labels: former.label.stack), former.attributes)
    }

    /// Whether a route that is to be given by no label yet stays as it was sent, by a label that is still valid, until the label of its
    /// new next hop is installed.
    func stays(_ former: AdjRIBOut.Route, _ nlri: NLRI, _ family: SessionFamily, at neighbor: NeighborState) -> Bool {
        guard neighbor.advertised.isValid(former) else { return false }
        return relay.isWaiting(nlri, for: neighbor) || labelled.isWaiting(nlri, for: neighbor)
            || signalling.isWaiting(nlri, for: neighbor) || isWaiting(nlri, family, for: neighbor)
    }

    private func wanted(
        _ nlri: NLRI, _ family: SessionFamily, _ neighbor: NeighborState, _ gathered: inout GatheredRoutes
    ) -> AdjRIBOut.Route? {
        if case .labeledUnicast(let prefix) = nlri, neighbor.peer.vrf == nil {
            return loopbacks.announcement(of: prefix, to: neighbor) ?? labelled.announcement(of: nlri, to: neighbor)
        }
        if case .routeTargets(let wanted) = nlri, let own = membership.announcement(of: wanted, to: neighbor) {
            return own
        }
        // What is reflected goes on as it is.
        if family.isSignalling, let relayed = signalling.announcement(of: nlri, family, to: neighbor) { return relayed }
        guard let export = export(nlri, to: neighbor),
            let attributes = gathered.attributes(
                of: export, family, make: { self.attributes(of: export, family, to: neighbor) })
        else { return nil }
        return AdjRIBOut.Route(attributes: attributes, label: export.label, isOwnLabel: export.hasOwnLabel)
    }

    /// What closes a complete transmission: End-of-RIB (RFC 4724 §2), which waits for labels that are still being
    /// installed and for what the neighbor wants, and the end of a refresh (RFC 7313 §4).
    func finishSending(to neighbor: NeighborState, waitsForLabel: Bool, isSignallingDecided: Bool) {
        neighbor.advertised.noteDrained()
        for family in SessionFamily.allCases {
            // Which routes we want is said by no label.
            let isWhole =
                family == .routeTargets
                || !(waitsForLabel || ((family.isVPN || family.isSignalling) && neighbor.isMembershipAwaited)
                    || (family.isSignalling && !isSignallingDecided))
            finish(family, to: neighbor, isWhole: isWhole)
        }
    }

    private func finish(_ family: SessionFamily, to neighbor: NeighborState, isWhole: Bool) {
        if isWhole, neighbor.advertised.takeEndOfRIB(family) {
            context.add(.endOfRIB(neighbor: neighbor.peer, family.identifier))
        }
        // What is still to be looked at may have been asked for again.
        if !isReviewing(neighbor), neighbor.advertised.takeRefreshEnd(family) {
            context.add(.endRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    /// The neighbor asked for everything again (RFC 2918 §4).
    func resendAll(to neighbor: NeighborState, _ family: SessionFamily) {
        guard let session = neighbor.session, session.families.contains(family) else { return }
        neighbor.advertised.resendAll(family, isMarked: session.enhancedRouteRefresh)
    }

    /// Tells the owner of what it can send before the first convergence.
    ///
    /// - Parameter isWhole: whether a neighbor may be told that it has heard of everything.
    func signalMembership(isWhole: (NeighborState) -> Bool) {
        for neighbor in neighbors.inOrder where neighbor.exchanges(.routeTargets) {
            let advertised = neighbor.advertised
            guard
                !advertised.pendingMembership.isEmpty
                    || (advertised.isEndOfRIBDue(.routeTargets) && isWhole(neighbor)),
                advertised.takeSignal()
            else { continue }
            context.add(.outputReady(neighbor: neighbor.peer))
        }
    }

    /// Tells the owner of output that it does not know of.
    func signalOutput() {
        guard neighbors.all.contains(where: { $0.advertised.needsSignal }) else { return }
        for neighbor in neighbors.inOrder where neighbor.advertised.needsSignal && neighbor.session != nil {
            if neighbor.advertised.takeSignal() { context.add(.outputReady(neighbor: neighbor.peer)) }
        }
    }
}

/// Routes by their attributes, in the order in which the attributes came first.
private struct GatheredRoutes {
    private(set) var groups: [(attributes: PathAttributes, routes: [AnnouncedRoute])] = []
    private(set) var count = 0
    private var positions: [PathAttributes: Int] = [:]

    /// What the attributes of the route before were made of.
    private var last:
        (
            vrf: VRFState?, relayedFrom: NeighborState?, family: SessionFamily, basis: PathAttributes?,
            originator: IPv4Address?, targets: AttributeChanges.Values<RouteTarget>?, attributes: PathAttributes
        )?

    /// The attributes of a route, made once for routes of a kind that follow each other, and held once if equal.
    mutating func attributes(
        of export: Export, _ family: SessionFamily, make: () -> PathAttributes?
    ) -> PathAttributes? {
        let basis = export.basis
        // What is reflected says whose it is.
        let originator = export.hasOwnLabel ? nil : export.path?.originator
        // Whose targets are listed depends on the neighbor that has sent it.
        let sender = export.isRelayed ? export.path?.neighbor : nil
        if let last, last.vrf === export.vrf, last.relayedFrom === sender, last.family == family,
            last.originator == originator, last.basis == basis, last.targets == export.targets
        {
            return last.attributes
        }
        guard let made = make() else { return nil }
        let attributes = positions[made].map { groups[$0].attributes } ?? made
        last = (export.vrf, sender, family, basis, originator, export.targets, attributes)
        return attributes
    }

    mutating func add(_ route: AnnouncedRoute, _ attributes: PathAttributes) {
        count += 1
        if let position = positions[attributes] {
            groups[position].routes.append(route)
        } else {
            positions[attributes] = groups.count
            groups.append((attributes, [route]))
        }
    }
}
