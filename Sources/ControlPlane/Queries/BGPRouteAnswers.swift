import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

/// The routes from or to a neighbor in one family.
struct NeighborTableKey: Hashable, Sendable {
    let view: NeighborView
    let neighbor: PeerAddress
    let family: SessionFamily
}

/// A route from or to a neighbor as the tables have it.
private struct FoundRoute: Sendable {
    let neighbor: IPAddress
    let route: NLRI
    let label: MPLSLabel?
    var outerLabel: MPLSLabel?
    /// `nil` where they were too large to be kept.
    let attributes: PathAttributes?
    let vrfs: [String]
    var isStale = false
    let changedAt: Timestamp
    var rejection: RouteRejection?
    var labelFault: RouteRejection?
}

extension ShowBGPRoutes: AnsweredRequest {
    /// One page. A cursor is the neighbor and the last route of the page before, as text, so that it
    /// holds while routes come and go.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> BGPRoutesResult {
        let family = SessionFamily(family)
        guard family != .routeTargets else {
            throw ControlError(
                .invalidParameters, "route targets are no prefixes: \(ShowRouteTargetMembership.method) has them")
        }
        let isOfVRF = family.entersVRFs && !family.isVPN
        guard family.isLabeledUnicast || isOfVRF == (vrf != nil) else {
            throw ControlError(
                .invalidParameters,
                vrf != nil
                    ? "such routes are of no VRF" : "the routes of which VRF's neighbors are to be shown?")
        }
        let start = try page.cursor.map { text throws(ControlError) in try RouteCursor(parsing: text, family) }
        var sorted: [NeighborTableKey: [NLRI]] = [:]
        while true {
            switch try await plane.routes(for: self, family: family, from: start, sorted) {
            case .page(let found):
                let shown = found.prefix(page.limit)
                let next = found.count > shown.count ? shown.last.map(RouteCursor.init) : nil
                return BGPRoutesResult(
                    family: self.family, view: view, routes: shown.map(\.row), nextCursor: next?.description,
                    omittedCount: view == .rejected ? try await plane.omittedRejections(for: self, family) : nil)
            case .unsorted(let table, let prefixes): sorted[table] = prefixes.sorted()
            }
        }
    }
}

extension ControlPlane {
    fileprivate func routes(
        for query: ShowBGPRoutes, family: SessionFamily, from start: RouteCursor?,
        _ sorted: [NeighborTableKey: [NLRI]]
    ) throws(ControlError) -> PageAnswer<[FoundRoute], NeighborTableKey, NLRI> {
        try bgpRoutePages.routes(
            for: query, family: family, from: start, sorted,
            of: NeighborRoutes(index: index, plan: plan, routing: routing),
            now: clock.now)
    }

    fileprivate func omittedRejections(
        for query: ShowBGPRoutes, _ family: SessionFamily
    ) throws(ControlError) -> Int {
        try index.sessions(with: query.neighbor, inVRF: query.vrf).reduce(0) { count, session in
            guard session.vrf == query.vrf, let peer = plan.peer(session.name) else { return count }
            return count + routing.omittedRejectionCount(of: peer, family: family)
        }
    }
}

/// The pages of BGP routes that are shown, with the large tables that somebody is reading.
final class BGPRoutePages {
    private var walks = TableWalks<NeighborTableKey, NLRI>()

    /// Forgets the tables that nobody goes on with.
    func forgetUnused(now: Duration) { walks.forgetUnused(now: now) }

    /// One route more than a page has tells whether there is another page.
    fileprivate func routes(
        for query: ShowBGPRoutes, family: SessionFamily, from start: RouteCursor?,
        _ sorted: [NeighborTableKey: [NLRI]], of routes: NeighborRoutes, now: Duration
    ) throws(ControlError) -> PageAnswer<[FoundRoute], NeighborTableKey, NLRI> {
        for (table, prefixes) in sorted { walks.keep(prefixes, of: table, now: now) }
        let routing = routes.routing
        var found: [FoundRoute] = []
        let wanted = query.page.limit + 1
        for session in try routes.index.sessions(with: query.neighbor, inVRF: query.vrf) where session.vrf == query.vrf
        {
            guard let peer = routes.plan.peer(session.name) else { continue }
            if let start, session.address < start.neighbor { continue }
            let view = NeighborView(query.view)
            let table = NeighborTableKey(view: view, neighbor: peer, family: family)
            var after = start?.neighbor == session.address ? start?.route : nil
            while found.count < wanted {
                let limit = wanted - found.count
                guard
                    let prefixes = prefixes(
                        of: table, in: routing, only: query.prefix, after: after, limit: limit,
                        isFresh: after != nil || sorted[table] != nil, now: now)
                else { return .unsorted(table, routing.identifiers(view, peer, family: family)) }
                found += routes.found(query.view, of: table, among: prefixes)
                // Where routes have gone, or are not imported, there may be more behind them.
                guard prefixes.count == limit else { break }
                after = prefixes.last
            }
            if found.count >= wanted { break }
        }
        return .page(found)
    }

    /// The lowest of a neighbor's routes above `after`; `nil` if there are so many that they have to be sorted first.
    private func prefixes(
        of table: NeighborTableKey, in routing: RoutingTable, only prefix: IPPrefix?, after: NLRI?, limit: Int,
        isFresh: Bool, now: Duration
    ) -> ArraySlice<NLRI>? {
        let isSmall =
            routing.count(table.view, table.neighbor, family: table.family) <= RoutePages.largestTableSortedAtOnce
        if isSmall || prefix != nil {
            let all = routing.identifiers(table.view, table.neighbor, family: table.family)
            return all.filter { route in
                (prefix == nil || route.prefix == prefix) && (after.map { $0 < route } ?? true)
            }.sorted().prefix(limit)
        }
        // Who begins at the beginning wants to see what is there now.
        return isFresh ? walks.keys(of: table, after: after, limit: limit, now: now) : nil
    }
}

/// The routes of the tables of neighbors.
private struct NeighborRoutes {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let routing: RoutingTable

    func found(
        _ view: BGPRoutesView, of table: NeighborTableKey, among prefixes: ArraySlice<NLRI>
    ) -> [FoundRoute] {
        switch view {
        case .received, .imported:
            return routing.receivedRoutes(
                from: table.neighbor, family: table.family, onlyImported: view == .imported, among: prefixes
            ).map { received in
                FoundRoute(
                    neighbor: table.neighbor.address, route: received.route, label: received.label,
                    outerLabel: received.outerLabel,
                    attributes: received.attributes, vrfs: received.importedInto, isStale: received.isStale,
                    changedAt: Timestamp(received.learnedAt), labelFault: received.labelFault)
            }
        case .rejected:
            return routing.rejectedRoutes(from: table.neighbor, family: table.family, among: prefixes).map { rejected in
                FoundRoute(
                    neighbor: table.neighbor.address, route: rejected.route, label: nil,
                    attributes: rejected.attributes,
                    vrfs: [], changedAt: Timestamp(rejected.rejectedAt), rejection: rejected.reason)
            }
        case .advertised:
            let distinguishers = Set(prefixes.lazy.compactMap(\.vpnPrefix?.routeDistinguisher))
            var names: [RouteDistinguisher: [String]] = [:]
            for vrf in index.vrfs where distinguishers.contains(vrf.routeDistinguisher) {
                names[vrf.routeDistinguisher, default: []].append(vrf.name)
            }
            return routing.advertisedRoutes(to: table.neighbor, family: table.family, among: prefixes).map { told in
                FoundRoute(
                    neighbor: table.neighbor.address, route: told.route, label: told.label,
                    outerLabel: told.outerLabel, attributes: told.attributes,
                    vrfs: told.route.vpnPrefix.map { names[$0.routeDistinguisher] ?? [] }
                        ?? [plan.name(of: table.neighbor).vrf].compactMap { $0 }, changedAt: Timestamp.now)
            }
        }
    }
}

extension FoundRoute {
    fileprivate var row: BGPRoute {
        guard let contents = attributes?.contents else {
            return BGPRoute(
                neighbor: neighbor, routeDistinguisher: route.routeDistinguisher, prefix: shownPrefix,
                route: route.signalled, nextHop: nil, autonomousSystemPath: nil, origin: nil, routeTargets: [],
                communities: [], vrfs: vrfs,
                isStale: isStale, changedAt: changedAt, rejection: rejection.map(BGPRouteRejection.init))
        }
        let communities =
            contents.communities.map(\.description) + contents.largeCommunities.map(\.description)
            + contents.extendedCommunities.filter { $0.routeTarget == nil }.map(\.description)
        let hasVNIs = contents.hasVNIs
        let field = labelField(contents)
        return BGPRoute(
            neighbor: neighbor, routeDistinguisher: route.routeDistinguisher, prefix: shownPrefix,
            route: route.signalled, nextHop: contents.nextHop?.resolvedAddress ?? neighbor,
            label: label ?? (hasVNIs ? nil : field.flatMap { MPLSLabel(rawValue: $0 >> 4) }),
            outerLabel: outerLabel, vni: hasVNIs ? field : nil,
            tunnel: contents.pmsiTunnel?.text(hasVNIs: hasVNIs), segment: evpn?.segment(in: contents.evpn)?.description,
            gateway: evpn?.gateway(in: contents.evpn),
            distinguisherLabels: contents.peDistinguisherLabels?.labels.map {
                ShownDistinguisherLabel(provider: $0.provider, label: $0.label)
            },
            autonomousSystemPath: contents.asPath.description, origin: "\(contents.origin)",
            multiExitDiscriminator: contents.multiExitDiscriminator, localPreference: contents.localPreference,
            routeTargets: contents.routeTargets, communities: communities, vrfs: vrfs, isStale: isStale,
            changedAt: changedAt, rejection: rejection.map(BGPRouteRejection.init),
            labelFault: labelFault.map(BGPRouteRejection.init))
    }
}

extension FoundRoute {
    private var shownPrefix: IPPrefix? { route.signalled == nil ? route.prefix : nil }

    private var evpn: EVPNRoute? { if case .evpn(let evpn) = route { evpn } else { nil } }

    /// The first field of a label that an EVPN route has of its own; zero is none.
    private func labelField(_ contents: PathAttributes.Contents) -> UInt32? {
        guard let evpn else { return nil }
        return evpn.labelFields(in: contents.evpn).first.flatMap { $0 == 0 ? nil : $0 }
    }
}

extension NLRI {
    /// What identifies the route beside its route distinguisher, if it leads to no prefix.
    fileprivate var signalled: String? {
        switch self {
        case .multicastVPN(let route): route.description
        case .evpn(let route): route.description
        case .unicast, .labeledUnicast, .vpn, .routeTargets: nil
        }
    }

    fileprivate var routeDistinguisher: RouteDistinguisher? {
        switch self {
        case .vpn(let vpnPrefix): vpnPrefix.routeDistinguisher
        case .multicastVPN(let route): route.routeDistinguisher
        case .evpn(let route): route.routeDistinguisher
        case .unicast, .labeledUnicast, .routeTargets: nil
        }
    }
}

extension NeighborView {
    fileprivate init(_ view: BGPRoutesView) {
        switch view {
        case .received, .imported: self = .received
        case .rejected: self = .rejected
        case .advertised: self = .advertised
        }
    }
}

extension BGPRouteRejection {
    fileprivate init(_ rejection: RouteRejection) {
        self.init(reason: rejection.rawValue, message: rejection.help)
    }
}

/// Where a page of BGP routes ended.
private struct RouteCursor: CustomStringConvertible {
    let neighbor: IPAddress
    let route: NLRI

    /// What stands for the route distinguisher of a route without one.
    private static let none: Substring = "-"

    init(_ found: FoundRoute) {
        neighbor = found.neighbor
        route = found.route
    }

    private static func route(_ prefix: IPPrefix, _ family: SessionFamily) -> NLRI {
        family.isLabeledUnicast ? .labeledUnicast(prefix) : .unicast(prefix)
    }

    init(parsing text: String, _ family: SessionFamily) throws(ControlError) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let neighbor = IPAddress(parts[0]) else {
            throw ControlError(.invalidParameters, "unknown cursor '\(text)'")
        }
        self.neighbor = neighbor
        if let signalled = NLRI(octets: parts[2], family.identifier) {
            route = signalled
            return
        }
        guard let prefix = IPPrefix(parts[2]) else {
            throw ControlError(.invalidParameters, "unknown cursor '\(text)'")
        }
        if parts[1] == Self.none {
            route = Self.route(prefix, family)
        } else if let distinguisher = UInt64(parts[1], radix: 16) {
            route = .vpn(
                VPNPrefix(routeDistinguisher: RouteDistinguisher(rawValue: distinguisher), prefix: prefix))
        } else {
            throw ControlError(.invalidParameters, "unknown cursor '\(text)'")
        }
    }

    var description: String {
        let distinguisher = route.vpnPrefix.map { Substring(String($0.routeDistinguisher.rawValue, radix: 16)) }
        return "\(neighbor) \(distinguisher ?? Self.none) \(route.octets ?? route.prefix.description)"
    }
}

extension SessionFamily {
    fileprivate init(_ family: BGPFamily) {
        switch family {
        case .ipv4: self = .ipv4
        case .ipv6: self = .ipv6
        case .vpnv4: self = .vpnv4
        case .vpnv6: self = .vpnv6
        case .ipv4LabeledUnicast: self = .ipv4LabeledUnicast
        case .ipv6LabeledUnicast: self = .ipv6LabeledUnicast
        case .routeTargets: self = .routeTargets
        case .ipv4MVPN: self = .ipv4MVPN
        case .ipv6MVPN: self = .ipv6MVPN
        case .evpn: self = .evpn
        }
    }
}
