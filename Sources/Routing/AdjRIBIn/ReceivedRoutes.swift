import Addressing
import BGP

/// The routes that neighbors have sent: puts them into an ``AdjRIBIn`` and takes them out again, and has whoever goes by them
/// follow: the VRFs, reflection, the relays, the default table and what the neighbor wants.
final class ReceivedRoutes {
    private let context: RoutingContext
    private let imports: RouteImport
    private let reflection: RouteReflection
    private let relay: RouteRelay
    private let labelled: LabelledRelay
    private let signalling: SignallingRelay
    private let defaultTable: DefaultTable
    private let placement: LabelPlacement
    private let refreshes: RefreshRequests

    init(
        _ context: RoutingContext, _ imports: RouteImport, _ reflection: RouteReflection, _ relay: RouteRelay,
        _ labelled: LabelledRelay, _ signalling: SignallingRelay, _ defaultTable: DefaultTable,
        _ placement: LabelPlacement,
        _ refreshes: RefreshRequests
    ) {
        self.context = context
        self.imports = imports
        self.reflection = reflection
        self.relay = relay
        self.labelled = labelled
        self.signalling = signalling
        self.defaultTable = defaultTable
        self.placement = placement
        self.refreshes = refreshes
    }

    // MARK: In

    /// Puts a route in.
    /// - Parameters:
    ///   - former: the one in whose place it comes.
    ///   - importers: the VRFs that it enters.
    func insert(
        _ route: AdjRIBInTable.Route, _ nlri: NLRI, replacing former: AdjRIBInTable.Route?, of neighbor: NeighborState,
        in table: AdjRIBInTable, importers: [VRFState]
    ) {
        if let former {
            neighbor.received.forget(former, in: table)
            leave(nlri, former, neighbor, staying: importers)
            refreshes.askForRefused(of: neighbor)
        }
        neighbor.received.insert(route, nlri, in: table)
        for vrf in importers { imports.insert(route, nlri, of: neighbor, into: vrf) }
        reflection.follow(nlri, of: neighbor)
        placement.follow(nlri, of: neighbor)
        relay.follow(nlri, of: neighbor, former: former)
        signalling.follow(nlri, of: neighbor, former: former)
        labelled.follow(nlri, of: neighbor)
        // What another operator says is no way of the own network's.
        if case .labeledUnicast(let prefix) = nlri, neighbor.isInternal {
            defaultTable.insert(route, prefix, of: neighbor)
        }
        if case .routeTargets(let membership) = nlri, former == nil { neighbor.membership.insert(membership) }
        if importers.contains(where: { $0.connectedSubnets.cover(nlri.prefix) }) {
            count(.connectedSubnet, nlri, from: neighbor, in: table)
        }
    }

    /// The neighbor's route map makes other attributes of a route that is held.
    func change(
        _ route: AdjRIBInTable.Route, to attributes: PathAttributes, _ nlri: NLRI, _ family: SessionFamily,
        of neighbor: NeighborState, in table: AdjRIBInTable
    ) {
        let left = imports.importers(of: nlri, route.usedAttributes, from: neighbor).vrfs
        let changed = attributes == route.attributes ? nil : neighbor.received.held(attributes)
        let new = neighbor.received.setChangedAttributes(changed, of: nlri, route, in: table)
        // The maps of VRFs go by what the neighbor's has written.
        let found = imports.importers(of: nlri, new.usedAttributes, from: neighbor)
        for vrf in left where !found.vrfs.contains(where: { $0 === vrf }) {
            imports.remove(nlri, of: neighbor, from: vrf)
        }
        for vrf in found.vrfs { imports.insert(new, nlri, of: neighbor, into: vrf) }
        relay.follow(nlri, of: neighbor, former: route)
        signalling.follow(nlri, of: neighbor, former: route)
        labelled.follow(nlri, of: neighbor)
        if neighbor.inputs.entersVRFs(in: family) {
            settle(nlri, new, family, of: neighbor, in: table, found)
        }
        reflection.follow(nlri, of: neighbor)
        placement.follow(nlri, of: neighbor)
        if family.isLabeledUnicast, neighbor.isInternal { defaultTable.insert(new, nlri.prefix, of: neighbor) }
    }

    /// A route that is held has left VRFs and entered others: one that is in none may not be kept.
    func settle(
        _ nlri: NLRI, _ route: AdjRIBInTable.Route, _ family: SessionFamily, of neighbor: NeighborState,
        in table: AdjRIBInTable, _ importers: ImportLookup.Importers
    ) {
        guard importers.vrfs.isEmpty, !context.keepsWithoutImport(route.attributes, family, of: neighbor) else {
            table.setImported(!importers.vrfs.isEmpty, nlri, route)
            return
        }
        _ = neighbor.received.remove(nlri, in: table)
        relay.follow(nlri, of: neighbor, former: route)
        signalling.follow(nlri, of: neighbor, former: route)
        refreshes.askForRefused(of: neighbor)
        table.noteLeftOutRoutes()
        if let rejection = importers.rejection {
            table.noteRejected(nlri, rejection, route.attributes, now: context.now)
        }
    }

    // MARK: Out

    /// Withdraws a route, if it is there.
    func remove(_ nlri: NLRI, of neighbor: NeighborState) {
        guard let table = neighbor.received.table(of: nlri), let former = neighbor.received.remove(nlri, in: table)
        else { return }
        leave(nlri, former, neighbor, staying: [])
        reflection.follow(nlri, of: neighbor)
        placement.follow(nlri, of: neighbor)
        relay.follow(nlri, of: neighbor, former: former)
        signalling.follow(nlri, of: neighbor, former: former)
        labelled.follow(nlri, of: neighbor)
        if case .labeledUnicast(let prefix) = nlri { defaultTable.remove(prefix, of: neighbor) }
        if case .routeTargets(let membership) = nlri { neighbor.membership.remove(membership) }
        refreshes.askForRefused(of: neighbor)
    }

    /// Takes a former version of a route out of the VRFs that do not import the new one.
    private func leave(
        _ nlri: NLRI, _ former: AdjRIBInTable.Route, _ neighbor: NeighborState, staying: [VRFState]
    ) {
        for vrf in imports.importers(of: nlri, former.usedAttributes, from: neighbor).vrfs
        where !staying.contains(where: { $0 === vrf }) {
            imports.remove(nlri, of: neighbor, from: vrf)
        }
    }

    // MARK: What counts as withdrawn

    /// Counts a route as withdrawn. What the operator may come to accept is asked for then.
    func reject(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, in table: AdjRIBInTable,
        _ reason: RouteRejection
    ) {
        if reason == .ownDistinguisher, let distinguisher = nlri.routeDistinguisher {
            relay.noteRefused(distinguisher, of: neighbor)
        }
        if reason.mayBeAccepted { table.noteLeftOutRoutes() }
        count(reason, nlri, from: neighbor, in: table)
        remove(nlri, of: neighbor)
        table.noteRejected(nlri, reason, attributes, now: context.now)
    }

    /// Counts a route as withdrawn, since the neighbor has all that it may.
    func rejectForLimits(
        _ nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState, in table: AdjRIBInTable,
        _ reason: RouteRejection
    ) {
        table.noteRefusedForLimits()
        reject(nlri, attributes, from: neighbor, in: table, reason)
    }

    /// Counts a rejection, and says it in the log if a line is due.
    func count(_ reason: RouteRejection, _ nlri: NLRI, from neighbor: NeighborState, in table: AdjRIBInTable) {
        context.count(reason, nlri, from: neighbor, in: table)
    }
}
