import Addressing
import BGP

/// From the neighbors' routes to the VRFs that import them, by target and eligibility, or to the VRF that a customer's
/// neighbor is in, as far as `maximum routes` allows.
final class RouteImport {
    /// How long to wait before refused routes are looked at again after room was made: looking costs a pass over what
    /// the neighbors sent, which a neighbor must not be able to cause at will.
    private static let admissionRetrySeconds: UInt32 = 10

    private let context: RoutingContext
    private let neighbors: RoutingNeighbors
    private let vrfs: VRFTables
    private let nextHops: RouteNextHops
    private let selection: RouteSelection
    private var lookup = ImportLookup()

    init(
        _ context: RoutingContext, _ neighbors: RoutingNeighbors, _ vrfs: VRFTables, _ nextHops: RouteNextHops,
        _ selection: RouteSelection
    ) {
        self.context = context
        self.nextHops = nextHops
        self.neighbors = neighbors
        self.vrfs = vrfs
        self.selection = selection
    }

    /// The VRFs or their inputs have changed; how routes were imported before.
    func reindex(_ vrfs: some Collection<VRFState>) -> ImportLookup {
        defer { lookup = ImportLookup(ImportIndex(vrfs)) }
        return lookup
    }

    /// The VRFs that a route of `neighbor` enters.
    /// - Parameter attributes: as the neighbor's route map leaves them.
    func importers(
        of nlri: NLRI, _ attributes: PathAttributes, from neighbor: NeighborState
    ) -> ImportLookup.Importers {
        switch nlri {
        case .vpn(let vpnPrefix): return lookup.importers(of: vpnPrefix.prefix, attributes, from: neighbor.inputs)
        case .unicast(let prefix), .labeledUnicast(let prefix):
            let vrf = neighbor.peer.vrf.flatMap { vrfs[$0] }
            return ImportLookup.Importers(
                vrfs: [vrf].compactMap { $0 }.filter { $0.inputs.families.contains(prefix.family) }, rejection: nil)
        case .routeTargets, .multicastVPN, .evpn: return ImportLookup.Importers(vrfs: [], rejection: nil)
        }
    }

    /// The VRF that has a customer's route among its candidates.
    func holders(of nlri: NLRI, from neighbor: NeighborState) -> [VRFState] {
        guard let vrf = neighbor.peer.vrf.flatMap({ vrfs[$0] }), vrf.contains(neighbor, nil, for: nlri.prefix) else {
            return []
        }
        return [vrf]
    }

    func insert(_ route: AdjRIBInTable.Route, _ nlri: NLRI, of neighbor: NeighborState, into vrf: VRFState) {
        let prefix = nlri.prefix
        let isNew = vrf.paths[prefix] == nil
        guard vrf.hasRoom || !isNew else {
            refuse(vrf)
            return
        }
        var path = Path(
            route, nlri, of: neighbor, nextHop: nextHops.state(of: route, from: neighbor),
            by: vrf.circuitWays.way(to: neighbor.peer, prefix.family))
        if let changed = changedAttributes(of: route, nlri, in: vrf) { path.change(to: vrf.held(changed)) }
        let before = vrf.selection(for: prefix)
        vrf.insert(path, for: prefix)
        selection.follow(before, prefix, in: vrf)
        if isNew, vrf.isWarningDue(now: context.now) {
            context.log(.maximumRoutesNear(vrf: vrf.name, count: vrf.routeCount))
        }
    }

    /// The VRF's route map is another, and the route stays in it.
    func revise(_ route: AdjRIBInTable.Route, _ nlri: NLRI, of neighbor: NeighborState, in vrf: VRFState) {
        let present = vrf.path(of: neighbor, nlri.vpnPrefix?.routeDistinguisher, for: nlri.prefix)
        let wanted = changedAttributes(of: route, nlri, in: vrf) ?? route.usedAttributes
        // One that `maximum routes` keeps out has no path.
        if let present, present.attributes != wanted { insert(route, nlri, of: neighbor, into: vrf) }
    }

    /// What the VRF's route map makes of the attributes of a route that it permits; `nil`: nothing else.
    private func changedAttributes(
        of route: AdjRIBInTable.Route, _ nlri: NLRI, in vrf: VRFState
    ) -> PathAttributes? {
        guard case .vpn(let vpnPrefix) = nlri, let policy = vrf.importPolicy(for: vpnPrefix.prefix.family),
            case .permitted(let changed, _) = policy.verdict(on: vpnPrefix.prefix, route.usedAttributes),
            changed != route.usedAttributes
        else { return nil }
        return changed
    }

    func remove(_ nlri: NLRI, of neighbor: NeighborState, from vrf: VRFState) {
        let prefix = nlri.prefix
        let before = vrf.selection(for: prefix)
        vrf.remove(neighbor, nlri.vpnPrefix?.routeDistinguisher, for: prefix)
        selection.follow(before, prefix, in: vrf)
        vrf.retryAdmission(at: context.now.advanced(bySeconds: Self.admissionRetrySeconds))
    }

    /// The next hop of a neighbor's route has come or gone.
    func followNextHop(_ nlri: NLRI, _ route: AdjRIBInTable.Route, of neighbor: NeighborState) {
        let prefix = nlri.prefix
        for vrf in importers(of: nlri, route.usedAttributes, from: neighbor).vrfs {
            let state = nextHops.state(of: route, from: neighbor)
            guard vrf.isNextHopOther(of: neighbor, nlri.vpnPrefix?.routeDistinguisher, for: prefix, than: state) else {
                continue
            }
            let before = vrf.selection(for: prefix)
            vrf.followNextHop(of: neighbor, nlri.vpnPrefix?.routeDistinguisher, for: prefix, to: state)
            selection.follow(before, prefix, in: vrf)
        }
    }

    // MARK: `maximum routes`

    /// Obeys a `maximum routes` that is lower than what is there: the routes that were learnt last go first.
    func removeExcess(of vrf: VRFState) {
        guard let limit = vrf.inputs.maximumRoutes, vrf.routeCount > Int(limit) else { return }
        let excess = min(vrf.routeCount - Int(limit), vrf.paths.count)
        let newestFirst = vrf.paths.map { (prefix: $0.key, learnedAt: $0.value.best.learnedAt) }
            .sorted { ($0.learnedAt, $0.prefix) > ($1.learnedAt, $1.prefix) }
        for (prefix, _) in newestFirst.prefix(excess) {
            let before = vrf.selection(for: prefix)
            vrf.removeAll(for: prefix)
            selection.follow(before, prefix, in: vrf)
        }
        if excess > 0 { refuse(vrf) }
    }

    private func refuse(_ vrf: VRFState) {
        guard vrf.noteRefusal(), let limit = vrf.inputs.maximumRoutes else { return }
        context.log(.maximumRoutesReached(vrf: vrf.name, limit: limit))
    }

    /// Imports what was refused, as far as there is room.
    func admitRefusedRoutes(_ vrf: VRFState) {
        vrf.beginAdmission()
        for neighbor in neighbors.inOrder where mayFill(vrf, neighbor) {
            for family in SessionFamily.allCases where !vrf.hasRefusedRoutes {
                for (nlri, route) in neighbor.received[family].routes {
                    guard !vrf.contains(neighbor, nlri.vpnPrefix?.routeDistinguisher, for: nlri.prefix),
                        importers(of: nlri, route.usedAttributes, from: neighbor).vrfs.contains(where: { $0 === vrf })
                    else { continue }
                    insert(route, nlri, of: neighbor, into: vrf)
                    if vrf.hasRefusedRoutes { break }
                }
            }
        }
        if vrf.endAdmission() { context.log(.maximumRoutesCleared(vrf: vrf.name)) }
    }

    private func mayFill(_ vrf: VRFState, _ neighbor: NeighborState) -> Bool {
        vrf.inputs.eligibleNeighbors.contains(neighbor.peer) || neighbor.peer.vrf == vrf.number
    }
}
