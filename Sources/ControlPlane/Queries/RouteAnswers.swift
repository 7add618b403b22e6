import Addressing
import Configuration
import ControlProtocol
import Routing

/// The routes of a VRF in one family.
struct VRFTable: Hashable, Sendable {
    let vrf: String
    let family: AddressFamily
}

extension ShowRoutes: AnsweredRequest {
    /// One page. A cursor is the VRF and the prefix of the last row, as text.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> RoutesResult {
        let start = try page.cursor.map(VRFRouteCursor.init(parsing:))
        var sorted: [VRFTable: [IPPrefix]] = [:]
        while true {
            switch try await plane.rows(for: self, from: start, sorted) {
            case .page(let rows):
                let shown = Array(rows.prefix(page.limit))
                let next =
                    rows.count > shown.count ? shown.last.map { VRFRouteCursor(vrf: $0.vrf, prefix: $0.prefix) } : nil
                return RoutesResult(routes: shown, nextCursor: next?.description)
            case .unsorted(let table, let prefixes): sorted[table] = prefixes.sorted()
            }
        }
    }
}

extension ControlPlane {
    fileprivate func rows(
        for query: ShowRoutes, from start: VRFRouteCursor?, _ sorted: [VRFTable: [IPPrefix]]
    ) throws(ControlError) -> PageAnswer<[VRFRoute], VRFTable, IPPrefix> {
        let routes = SelectedRoutes(
            index: index, plan: plan, transports: transports, routing: routing, tables: tables, neighbors: neighbors,
            appliedAt: inForce.appliedAt)
        return try routePages.rows(for: query, from: start, sorted, of: routes, now: clock.now)
    }
}

/// The pages of routes that are shown, with the large tables that somebody is reading.
final class RoutePages {
    private var walks = TableWalks<VRFTable, IPPrefix>()

    /// Tables up to this size are sorted while everything else waits: it takes a fraction of a millisecond.
    static let largestTableSortedAtOnce = 4096

    /// Forgets the tables that nobody goes on with.
    func forgetUnused(now: Duration) { walks.forgetUnused(now: now) }

    /// One row more than a page has tells whether there is another page.
    fileprivate func rows(
        for query: ShowRoutes, from start: VRFRouteCursor?, _ sorted: [VRFTable: [IPPrefix]],
        of routes: SelectedRoutes, now: Duration
    ) throws(ControlError) -> PageAnswer<[VRFRoute], VRFTable, IPPrefix> {
        let (index, routing) = (routes.index, routes.routing)
        if let vrf = query.vrf, index.configuration.vrfs[vrf] == nil {
            throw ControlError(.noSuchObject, "there is no VRF \(vrf)")
        }
        guard query.prefix == nil || query.address == nil else {
            throw ControlError(.invalidParameters, "either a prefix or an address")
        }
        for (table, prefixes) in sorted { walks.keep(prefixes, of: table, now: now) }
        var rows: [VRFRoute] = []
        let wanted = query.page.limit + 1
        let first = start.flatMap { start in index.vrfs.firstIndex { $0.name >= start.vrf } }
        for vrf in index.vrfs[(first ?? (start == nil ? 0 : index.vrfs.count))...].lazy.map(\.name)
        where query.vrf == nil || query.vrf == vrf {
            for family in AddressFamily.allCases where Self.includes(query.family, family) {
                if let start, (vrf, family) < (start.vrf, start.prefix.family) { continue }
                let table = VRFTable(vrf: vrf, family: family)
                var after = start?.vrf == vrf && start?.prefix.family == family ? start?.prefix : nil
                while rows.count < wanted {
                    let limit = wanted - rows.count
                    guard
                        let prefixes = prefixes(
                            of: table, in: routing, only: query, after: after, limit: limit,
                            isFresh: after != nil || sorted[table] != nil, now: now)
                    else { return .unsorted(table, routing.prefixes(inVRF: vrf, family: family)) }
                    rows += routing.selectedRoutes(inVRF: vrf, to: prefixes).map { routes.row($0, vrf: vrf) }
                    // Where routes have gone since their prefixes were sorted there may be more behind them.
                    guard prefixes.count == limit, query.prefix == nil, query.address == nil else { break }
                    after = prefixes.last
                }
            }
            if rows.count >= wanted { break }
        }
        return .page(rows)
    }

    /// The lowest prefixes of a VRF's routes above `after`; `nil` if there are so many that they have to be sorted first.
    private func prefixes(
        of table: VRFTable, in routing: RoutingTable, only query: ShowRoutes, after: IPPrefix?, limit: Int,
        isFresh: Bool, now: Duration
    ) -> ArraySlice<IPPrefix>? {
        if let address = query.address {
            let match = after == nil ? Self.longestMatch(address, in: table, routing) : nil
            return match.map { [$0] } ?? []
        }
        if let prefix = query.prefix {
            let isInPage = prefix.family == table.family && (after.map { $0 < prefix } ?? true)
            return isInPage ? [prefix] : []
        }
        if routing.largestRouteCount(inVRF: table.vrf) <= Self.largestTableSortedAtOnce {
            let prefixes = routing.prefixes(inVRF: table.vrf, family: table.family)
            return prefixes.filter { prefix in after.map { $0 < prefix } ?? true }.sorted().prefix(limit)
        }
        // Who begins at the beginning wants to see what is there now.
        return isFresh ? walks.keys(of: table, after: after, limit: limit, now: now) : nil
    }

    /// The longest prefix that has a route and covers the address.
    private static func longestMatch(_ address: IPAddress, in table: VRFTable, _ routing: RoutingTable) -> IPPrefix? {
        guard address.family == table.family else { return nil }
        for length in stride(from: address.family.bits, through: 0, by: -1) {
            guard let prefix = IPPrefix(covering: address, length: length) else { continue }
            if !routing.selectedRoutes(inVRF: table.vrf, to: [prefix]).isEmpty { return prefix }
        }
        return nil
    }

    private static func includes(_ wanted: ShowRoutes.Family?, _ family: AddressFamily) -> Bool {
        wanted == nil || (wanted == .ipv4) == (family == .ipv4)
    }
}

/// The routes that VRFs forward by, as rows.
private struct SelectedRoutes {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let transports: CoreTransports
    let routing: RoutingTable
    let tables: InstalledTables
    let neighbors: LinkNeighbors
    /// When the configuration was put into force: connected and static routes are as old.
    let appliedAt: WallClock.Seconds

    func row(_ route: SelectedRoute, vrf: String) -> VRFRoute {
        let source: VRFRoute.Source
        var distance = 0
        switch route.source {
        case .connected: source = route.action == .receive ? .local : .connected
        case .staticRoute(let configured): (source, distance) = (.staticRoute, Int(configured))
        // The distances that implementations have in common for external and internal BGP.
        case .bgp:
            source = .bgp
            distance = Self.isOfCoreAlone(route.action) ? 200 : 20
        }
        return VRFRoute(
            vrf: vrf, prefix: route.prefix, source: source, administrativeDistance: distance,
            nextHops: nextHops(route, vrf: vrf),
            changedAt: route.learnedAt.map { Timestamp($0) } ?? Timestamp(secondsSince1970: appliedAt),
            isInstalled: isInstalled(route, vrf: plan.vrfs[vrf]?.number))
    }

    private func isInstalled(_ route: SelectedRoute, vrf: VRFNumber?) -> Bool {
        guard let vrf, tables.routes.waiting.prefixes[vrf] != nil else { return true }
        return tables.routes.isInstalled(route.action, vrf: vrf, prefix: route.prefix)
    }

    /// Of several equal ones an external one is the best, if there is one.
    private static func isOfCoreAlone(_ action: ForwardingAction) -> Bool {
        switch action {
        case .overCore: true
        case .multipath(let members): members.allSatisfy(isOfCoreAlone)
        case .receive, .connected, .gateway, .labelled, .discard: false
        }
    }

    private func nextHops(_ route: SelectedRoute, vrf: String) -> [RouteNextHop] {
        guard case .multipath(let members) = route.action else {
            return nextHop(route.action, vrf: vrf).map { [$0] } ?? []
        }
        return members.compactMap { member in
            nextHop(member, vrf: vrf, isBest: route.best.map { $0 == member })
        }
    }

    private func nextHop(_ action: ForwardingAction, vrf: String, isBest: Bool? = nil) -> RouteNextHop? {
        switch action {
        case .receive, .discard, .multipath: return nil
        case .connected(let circuit):
            return RouteNextHop(interface: plan.interface(numbered: circuit)?.name ?? "", isResolved: true)
        case .gateway(let circuit, let address):
            let interface = plan.interface(numbered: circuit)
            return RouteNextHop(
                address: address, interface: interface?.name ?? "", isResolved: isResolved(address, on: interface),
                isBest: isBest)
        case .overCore(let provider, let label, _):
            let router = transports.transport(to: provider)?.router
            let interface = router.flatMap { plan.interface(numbered: $0.interface) }
            return RouteNextHop(
                address: provider, interface: interface?.name ?? ForwardingPlan.coreName, label: label,
                isResolved: router.map { isResolved($0.address, on: interface) } ?? false, isBest: isBest)
        case .labelled(let neighbor, let label, let outer):
            let nni = plan.interfaceOfPeer[neighbor]
            let unit = nni.flatMap { plan.unit(nni: $0, vrf: vrf) }
            return RouteNextHop(
                address: neighbor.address, interface: unit?.name ?? nni ?? "", label: label, outerLabel: outer,
                isResolved: isResolved(neighbor.address, on: nni.flatMap { plan.interfaces[$0] }), isBest: isBest)
        }
    }

    private func isResolved(_ address: IPAddress, on interface: InterfacePlan?) -> Bool {
        guard let interface else { return false }
        return neighbors[NeighborKey(interface: interface.number, address: address)]?.state.isUsable ?? false
    }
}

/// Where a page of a VRF's routes ended.
private struct VRFRouteCursor: CustomStringConvertible {
    let vrf: String
    let prefix: IPPrefix

    init(vrf: String, prefix: IPPrefix) {
        self.vrf = vrf
        self.prefix = prefix
    }

    init(parsing text: String) throws(ControlError) {
        // The prefix comes first: it has no spaces, whatever the name has.
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let prefix = IPPrefix(parts[0]) else {
            throw ControlError(.invalidParameters, "unknown cursor '\(text)'")
        }
        self.init(vrf: String(parts[1]), prefix: prefix)
    }

    var description: String { "\(prefix) \(vrf)" }
}
